package dev.perennial.domain;

import dev.perennial.domain.Placement.Trainer;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets urgent updates run in the place of others. The running update of the lowest priority stops, at its next checkpoint, if a {@code fix}
 * would begin by that: the grants are worked out that its end would make possible, so what comes before the {@code fix}, budgets and
 * conflict groups count as they do when it has stopped; a trainer's free memory counts as it is while the update runs. It goes on later
 * from the checkpoint. A {@code fix} never gives way, nor does what has given way twice or is nearly as urgent.
 */
public final class Preemption {
    private static final int MOST_YIELDS = 2;

    /** What is lost by stopping has to be worth it: points of priority between the two. */
    private static final double MARGIN = 1;

    private final SchedulerSettings settings;
    private final Instant now;
    private final Map<String, Trainer> trainers;

    /** As it will be once all have stopped that were asked to, and what can has begun. */
    private SchedulerState ahead;

    private Preemption(SchedulerState state, SchedulerSettings settings, Collection<Trainer> trainers, Instant now) {
        this.settings = settings;
        this.now = now;
        this.trainers = trainers.stream().collect(Collectors.toMap(Trainer::id, Function.identity()));
        this.ahead = state;
    }

    /**
     * @param state in which no request could begin on a trainer that is idle
     * @param trainers that could begin an update at once if they held no lease; what runs on others goes on
     */
    public static List<SchedulerEvent> preempt(
            SchedulerState state, SchedulerSettings settings, Collection<Trainer> trainers, Instant now) {
        // Most often there is none.
        return state.fixes().isEmpty() ? List.of() : new Preemption(state.at(now), settings, trainers, now).asked();
    }

    private List<SchedulerEvent> asked() {
        if (urgent().findAny().isEmpty()) {
            return List.of();
        }
        awaitWhatStops();
        double most = urgent().mapToDouble(this::sum).max().orElse(Double.NEGATIVE_INFINITY);
        List<Entry> lowestFirst = ahead.running()
                .filter(entry -> trainers.containsKey(entry.trainer().orElseThrow())
                        && mayYield(entry)
                        && sum(entry) + MARGIN < most)
                .sorted(SchedulerDecisions.bestFirst(ahead, now).reversed())
                .toList();
        List<SchedulerEvent> asked = new ArrayList<>();
        Set<Place> hopeless = new HashSet<>();
        for (Entry victim : lowestFirst) {
            Optional<Place> place = place(victim);
            if (place.filter(hopeless::contains).isEmpty()) {
                Optional<UpdateId> fix = fixInPlaceOf(victim);
                fix.ifPresentOrElse(
                        urgent -> asked.add(new SchedulerEvent.PreemptionAsked(
                                victim.request().id(), victim.token(), urgent, now)),
                        () -> place.ifPresent(hopeless::add));
            }
        }
        return asked;
    }

    /** Each fix that waits and could begin as far as its own domain and its earlier attempts go, which no stop changes. */
    private Stream<Entry> urgent() {
        return ahead.fixes().stream()
                .flatMap(id -> ahead.find(id).stream())
                .filter(fix -> ahead.isNext(fix) && SchedulerDecisions.isReady(fix, settings, now));
    }

    /**
     * What was asked to stop counts as stopped, and the fix that it is asked for as begun in its place, though another may come before it
     * by then: it asks again when that has happened, and for no second trainer while the first stops.
     */
    private void awaitWhatStops() {
        List<Entry> stopping =
                ahead.running().filter(entry -> entry.yieldsTo().isPresent()).toList();
        stopping.forEach(entry -> ahead = ahead.apply(stop(entry)));
        for (Entry entry : stopping) {
            ahead.find(entry.yieldsTo().orElseThrow())
                    .filter(fix -> ahead.isFree(fix) && SchedulerDecisions.isReady(fix, settings, now))
                    .ifPresent(fix -> ahead = ahead.apply(new SchedulerEvent.LeaseGranted(
                            fix.request().id(),
                            ahead.lastToken() + 1,
                            entry.trainer().orElseThrow(),
                            Optional.empty(),
                            now)));
        }
        if (!stopping.isEmpty()) {
            ahead = ahead.applyAll(grants(ahead));
        }
    }

    /** Of two running updates of the same the one lets a fix begin where the other does. */
    private record Place(Optional<Placement.Fit> fit, String tenant) {}

    /** Empty where the end of the update makes room for others than for those that fit its trainer. */
    private Optional<Place> place(Entry running) {
        String tenant = running.request().tenant();
        boolean roomElsewhere = !running.request().conflictGroups().isEmpty()
                || settings.budgets().of(tenant).isPresent();
        return roomElsewhere
                ? Optional.empty()
                : Optional.of(new Place(running.trainer().map(trainers::get).flatMap(Placement::fit), tenant));
    }

    /** The fix that begins if the victim stops; all that follows is worked out from there on. */
    private Optional<UpdateId> fixInPlaceOf(Entry victim) {
        SchedulerState stopped = ahead.apply(stop(victim));
        List<SchedulerEvent> grants = grants(stopped);
        // As the queue shows both now: by the stop the victim's time is charged to its tenant, perhaps the fix's too.
        double enough = sum(victim) + MARGIN;
        Optional<UpdateId> fix = grants.stream()
                .map(granted -> stopped.find(((SchedulerEvent.LeaseGranted) granted).update())
                        .orElseThrow())
                .filter(entry -> isFix(entry) && sum(entry) > enough)
                .map(entry -> entry.request().id())
                .findFirst();
        if (fix.isPresent()) {
            ahead = stopped.applyAll(grants);
        }
        return fix;
    }

    private double sum(Entry entry) {
        return SchedulerDecisions.sum(ahead, entry, now);
    }

    private List<SchedulerEvent> grants(SchedulerState state) {
        return SchedulerDecisions.grant(state, settings, state.idle(trainers.values()), now);
    }

    private SchedulerEvent stop(Entry running) {
        return new SchedulerEvent.LeaseYielded(running.request().id(), running.token(), now);
    }

    private static boolean mayYield(Entry running) {
        return !isFix(running)
                && running.yields() < MOST_YIELDS
                && running.yieldsTo().isEmpty();
    }

    private static boolean isFix(Entry entry) {
        return entry.request().kind() == UpdateKind.FIX;
    }
}
