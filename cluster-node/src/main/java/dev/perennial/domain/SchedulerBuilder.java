package dev.perennial.domain;

import dev.perennial.domain.SchedulerState.DeadlineStep;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Makes the next state of the scheduler. Whatever changes an entry first takes the domains that it touches out of the ranking,
 * by what was true before, and then ranks them by what is true after. Used by one thread, for one state.
 */
final class SchedulerBuilder {
    private Instant clock;
    private long lastToken;
    private TreePMap<UpdateId, Entry> entries;
    private Ranking ranking;
    private TreePSet<DeadlineStep> steps;
    private TreePMap<String, UpdateId> leases;
    private TreePSet<UpdateId> retrying;
    private ConflictGroups groups;
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
        groups = state.groups();
        usage = state.usage();
        costs = state.costs();
    }

    SchedulerState build() {
        return new SchedulerState(clock, lastToken, entries, ranking, steps, leases, retrying, groups, usage, costs);
    }

    /** A new entry, or another form of one. */
    void put(Entry entry) {
        Entry old = entries.get(entry.request().id());
        TreePSet<DomainId> touched = groups.touched(entry.request());
        if (old != null) {
            touched = touched.plusAll(groups.touched(old.request()));
        }
        touched.forEach(this::unrank);
        if (old != null) {
            forget(old);
        }
        remember(entry);
        touched.forEach(this::rank);
    }

    void grant(Entry old, SchedulerEvent.LeaseGranted granted) {
        lastToken = Math.max(lastToken, granted.token());
        usage = usage.begin(old.request().tenant(), old.predicted());
        put(new Entry(
                old.request(),
                Optional.of(granted.trainer()),
                granted.token(),
                granted.at(),
                old.ends(),
                old.predicted(),
                old.yields(),
                Optional.empty()));
    }

    void release(Entry old, List<String> ends, int yields, Instant at) {
        charge(old, at);
        put(new Entry(
                old.request(), Optional.empty(), old.token(), at, ends, old.predicted(), yields, Optional.empty()));
    }

    void remove(Entry old, SchedulerEvent.RequestRemoved removed) {
        charge(old, removed.at());
        // A lease after others may have gone on from where they ended, and took less than the whole.
        if (removed.gpuSeconds().isPresent() && old.ends().isEmpty() && old.yields() == 0) {
            costs = costs.learn(old.request(), removed.gpuSeconds().get());
        }
        TreePSet<DomainId> touched = groups.touched(old.request());
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
            Entry entry = entries.get(steps.first().id());
            steps = steps.minus(steps.first());
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
        entries = entries.plus(id, entry);
        groups = groups.plus(entry.request());
        entry.trainer().ifPresent(trainer -> {
            leases = leases.plus(trainer, id);
            groups = groups.hold(entry.request());
        });
        if (entry.trainer().isEmpty() && !entry.ends().isEmpty()) {
            retrying = retrying.plus(id);
        }
        addStep(entry, clock);
    }

    /** Takes an entry out of all that is derived of it. */
    private void forget(Entry entry) {
        UpdateId id = entry.request().id();
        groups = groups.release(entry.request()).minus(entry.request());
        entry.trainer().ifPresent(trainer -> leases = leases.minus(trainer));
        retrying = retrying.minus(id);
        DeadlineLadder.nextChange(entry.request(), entry.predicted(), clock)
                .ifPresent(at -> steps = steps.minus(new DeadlineStep(at, id)));
    }

    private void addStep(Entry entry, Instant after) {
        DeadlineLadder.nextChange(entry.request(), entry.predicted(), after)
                .ifPresent(at ->
                        steps = steps.plus(new DeadlineStep(at, entry.request().id())));
    }

    private void unrank(DomainId domain) {
        SchedulerState.nextOf(entries, domain)
                .filter(this::isReady)
                .ifPresent(entry -> ranking = ranking.minus(entry, clock));
    }

    private void rank(DomainId domain) {
        SchedulerState.nextOf(entries, domain)
                .filter(this::isReady)
                .ifPresent(entry -> ranking = ranking.plus(entry, clock));
    }

    private boolean isRanked(Entry entry) {
        return SchedulerState.nextOf(entries, entry.request().id().domain())
                        .filter(next -> next.equals(entry))
                        .isPresent()
                && isReady(entry);
    }

    private boolean isReady(Entry entry) {
        return entry.trainer().isEmpty()
                && entry.ends().isEmpty()
                && groups.holder(entry.request()).isEmpty();
    }
}
