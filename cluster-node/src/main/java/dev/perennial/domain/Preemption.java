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

/**
 * Lets urgent updates run in the place of others. The running update of the lowest priority stops, at its next checkpoint, if a {@code fix}
 * would begin by that: the grants are worked out that its end would make possible, so what comes before the {@code fix}, budgets,
 * conflict groups and what fits a trainer count as they do when it has stopped. It goes on later from the checkpoint. A {@code fix} never
 * gives way, nor does what has given way twice or is nearly as urgent.
 */
public final class Preemption {
    private static final int MOST_YIELDS = 2;

    /** What is lost by stopping has to be worth it: points of priority between the two. */
    private static final double MARGIN = 1;

    private final SchedulerSettings settings;
    private final Instant now;
    private final Map<String, Trainer> trainers;
    /** By what stops on trainers that are not there at present. */
    private final Set<UpdateId> awaited;

    /** As it will be once all have stopped that were asked to, and what can has begun. */
    private SchedulerState ahead;

    private Preemption(SchedulerState state, SchedulerSettings settings, Collection<Trainer> trainers, Instant now) {
        this.settings = settings;
        this.now = now;
        this.trainers = trainers.stream().collect(Collectors.toMap(Trainer::id, Function.identity()));
        this.awaited = state.running()
                .filter(entry -> !this.trainers.containsKey(entry.trainer().orElseThrow()))
                .flatMap(entry -> entry.yieldsTo().stream())
                .collect(Collectors.toSet());
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
        List<Entry> running = ahead.running()
                .filter(entry -> trainers.containsKey(entry.trainer().orElseThrow()))
                .toList();
        List<SchedulerEvent> stops = running.stream()
                .filter(entry -> entry.yieldsTo().isPresent())
                .map(this::stop)
                .toList();
        if (!stops.isEmpty()) {
            ahead = ahead.applyAll(stops);
            ahead = ahead.applyAll(grants(ahead));
        }
        List<Entry> lowestFirst = running.stream()
                .filter(Preemption::mayYield)
                .sorted(SchedulerDecisions.bestFirst(ahead, now).reversed())
                .toList();
        List<SchedulerEvent> asked = new ArrayList<>();
        Set<Optional<Placement.Fit>> hopeless = new HashSet<>();
        for (Entry victim : lowestFirst) {
            Optional<Placement.Fit> place = victim.trainer().map(trainers::get).flatMap(Placement::fit);
            boolean holdsGroups = !victim.request().conflictGroups().isEmpty();
            if (holdsGroups || !hopeless.contains(place)) {
                Optional<UpdateId> fix = fixInPlaceOf(victim);
                fix.ifPresent(urgent -> asked.add(
                        new SchedulerEvent.PreemptionAsked(victim.request().id(), victim.token(), urgent, now)));
                if (fix.isEmpty() && !holdsGroups) {
                    // Nor does one in the place of others on such trainers.
                    hopeless.add(place);
                }
            }
        }
        return asked;
    }

    /** The fix that begins if the victim stops; all that follows is worked out from there on. */
    private Optional<UpdateId> fixInPlaceOf(Entry victim) {
        SchedulerState stopped = ahead.apply(stop(victim));
        List<SchedulerEvent> grants = grants(stopped);
        double enough = SchedulerDecisions.sum(ahead, victim, now) + MARGIN;
        Optional<UpdateId> fix = grants.stream()
                .map(granted -> stopped.find(((SchedulerEvent.LeaseGranted) granted).update())
                        .orElseThrow())
                .filter(entry -> isFix(entry) && SchedulerDecisions.sum(stopped, entry, now) > enough)
                .map(entry -> entry.request().id())
                .filter(id -> !awaited.contains(id))
                .findFirst();
        if (fix.isPresent()) {
            ahead = stopped.applyAll(grants);
        }
        return fix;
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
