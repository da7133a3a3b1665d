package dev.perennial.domain;

import dev.perennial.domain.SchedulerState.DeadlineStep;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Makes the next state of the scheduler. Whatever changes an entry first takes the domains that it touches out of the ranking,
 * by what was true before, and then ranks them by what is true after. Used by one thread, for one state.
 */
final class SchedulerBuilder {
    private Instant clock;
    private long lastToken;
    private EntryMap entries;
    private Ranking ranking;
    private KeyedTree<DeadlineStep> steps;
    private TreePMap<String, UpdateId> leases;
    private TreePSet<UpdateId> retrying;
    private TreePSet<UpdateId> fixes;
    private KeyedTree<UpdateId> several;
    private ConflictGroups groups;
    private TrainerUses uses;
    private TenantUsage usage;
    private CostModel costs;

    SchedulerBuilder(SchedulerState state) {
        clock = state.clock();
        lastToken = state.lastToken();
        entries = state.entries();
        ranking = state.ranking();
        steps = state.steps();
        leases = state.leases();
        retrying = state.retrying();
        fixes = state.fixes();
        several = state.several();
        groups = state.groups();
        uses = state.uses();
        usage = state.usage();
        costs = state.costs();
    }

    SchedulerState build() {
        return new SchedulerState(
                clock, lastToken, entries, ranking, steps, leases, retrying, fixes, several, groups, uses, usage,
                costs);
    }

    /** A new entry, or another form of one. */
    void put(Entry entry) {
        Entry old = entries.get(entry.request().id());
        Set<DomainId> touched = touched(entry, old);
        touched.forEach(this::unrank);
        if (old != null) {
            forget(old);
        }
        remember(entry);
        touched.forEach(this::rank);
    }

    private Set<DomainId> touched(Entry entry, @Nullable Entry old) {
        Set<DomainId> touched = groups.touched(entry.request());
        if (old == null || old.request().conflictGroups().isEmpty()) {
            return touched;
        }
        Set<DomainId> both = new TreeSet<>(touched);
        both.addAll(groups.touched(old.request()));
        return both;
    }

    void grant(Entry old, SchedulerEvent.LeaseGranted granted) {
        lastToken = Math.max(lastToken, granted.token());
        uses = uses.granted(granted.trainer(), granted.token());
        // Nothing may have been known yet when its request came.
        double predicted = old.predicted() > 0
                ? old.predicted()
                : costs.predict(old.request()).orElse(0.0);
        usage = usage.begin(old.request().tenant(), predicted, granted.at());
        put(new Entry(
                old.request(),
                Optional.of(granted.trainer()),
                granted.token(),
                granted.at(),
                old.ends(),
                predicted,
                old.yields(),
                old.returns(),
                Optional.empty(),
                granted.placement()));
    }

    void release(Entry old, List<String> ends, int yields, int returns, Instant at) {
        charge(old, at);
        put(new Entry(
                old.request(),
                Optional.empty(),
                old.token(),
                at,
                ends,
                old.predicted(),
                yields,
                returns,
                Optional.empty(),
                Optional.empty()));
    }

    void remove(Entry old, SchedulerEvent.RequestRemoved removed) {
        charge(old, removed.at());
        // A lease after others may have gone on from where they ended, and took less than the whole.
        if (removed.gpuSeconds().isPresent() && old.ends().isEmpty() && old.yields() == 0 && old.returns() == 0) {
            costs = costs.learn(old.request(), removed.gpuSeconds().get());
        }
        Set<DomainId> touched = groups.touched(old.request());
        touched.forEach(this::unrank);
        forget(old);
        entries = entries.minus(old.request().id());
        touched.forEach(this::rank);
    }

    private void charge(Entry old, Instant at) {
        if (old.trainer().isPresent()) {
            usage = usage.end(old.request().tenant(), old.predicted(), old.since(), at);
        }
    }

    /** Deadlines come nearer. */
    void advance(Instant now) {
        while (!steps.isEmpty() && !steps.first().at().isAfter(now)) {
            DeadlineStep step = steps.first();
            Entry entry = entries.get(step.id());
            steps = steps.minus(step.key(), step);
            if (entry != null) {
                boolean ranked = isRanked(entry);
                if (ranked) {
                    ranking = ranking.minus(entry, clock).plus(entry, now);
                }
                addStep(entry, now);
            }
        }
        clock = now;
    }

    void restore(SchedulerSnapshot snapshot) {
        lastToken = snapshot.lastToken();
        uses = TrainerUses.of(snapshot.uses());
        usage = TenantUsage.of(snapshot.landmark(), snapshot.tenants());
        costs = CostModel.of(snapshot.costs());
        snapshot.entries().forEach(this::remember);
        snapshot.entries().forEach(entry -> {
            if (isRanked(entry)) {
                ranking = ranking.plus(entry, clock);
            }
        });
    }

    private void remember(Entry entry) {
        UpdateId id = entry.request().id();
        entries = entries.plus(entry);
        groups = groups.plus(entry.request());
        entry.trainer().ifPresent(trainer -> {
            leases = leases.plus(trainer, id);
            groups = groups.hold(entry.request());
        });
        if (entry.trainer().isEmpty() && !entry.ends().isEmpty()) {
            retrying = retrying.plus(id);
        }
        if (isWaitingFix(entry)) {
            fixes = fixes.plus(id);
        }
        if (isOneOfSeveral(entry)) {
            several = several.plus(SchedulerState.seconds(entry.request().requestedAt()), id);
        }
        addStep(entry, clock);
    }

    /** Takes an entry out of all that is derived of it. */
    private void forget(Entry entry) {
        UpdateId id = entry.request().id();
        groups = groups.release(entry.request()).minus(entry.request());
        entry.trainer().ifPresent(trainer -> leases = leases.minus(trainer));
        retrying = retrying.minus(id);
        if (isWaitingFix(entry)) {
            fixes = fixes.minus(id);
        }
        if (isOneOfSeveral(entry)) {
            several = several.minus(SchedulerState.seconds(entry.request().requestedAt()), id);
        }
        DeadlineLadder.nextChange(entry.request(), entry.predicted(), clock)
                .map(at -> new DeadlineStep(at, id))
                .ifPresent(step -> steps = steps.minus(step.key(), step));
    }

    private static boolean isWaitingFix(Entry entry) {
        return entry.trainer().isEmpty() && entry.request().kind() == UpdateKind.FIX;
    }

    private static boolean isOneOfSeveral(Entry entry) {
        return entry.trainer().isEmpty() && entry.request().conflictGroups().size() > 1;
    }

    private void addStep(Entry entry, Instant after) {
        DeadlineLadder.nextChange(entry.request(), entry.predicted(), after)
                .map(at -> new DeadlineStep(at, entry.request().id()))
                .ifPresent(step -> steps = steps.plus(step.key(), step));
    }

    private void unrank(DomainId domain) {
        Entry next = entries.nextOf(domain);
        if (next != null && isReady(next)) {
            ranking = ranking.minus(next, clock);
        }
    }

    private void rank(DomainId domain) {
        Entry next = entries.nextOf(domain);
        if (next != null && isReady(next)) {
            ranking = ranking.plus(next, clock);
        }
    }

    private boolean isRanked(Entry entry) {
        return entry.equals(entries.nextOf(entry.request().id().domain())) && isReady(entry);
    }

    private boolean isReady(Entry entry) {
        return entry.trainer().isEmpty()
                && entry.ends().isEmpty()
                && groups.holder(entry.request()).isEmpty();
    }
}
