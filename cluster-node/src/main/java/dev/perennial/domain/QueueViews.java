package dev.perennial.domain;

import dev.perennial.domain.Placement.Trainer;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The scheduler's state as the API shows it. */
public final class QueueViews {
    private static final int MOST_NAMED = 3;

    private QueueViews() {}

    /**
     * @param known the trainers that are there, without their leases
     * @param limit requests at most; where more wait, those that run and the next to begin are shown
     */
    public static QueueView view(
            SchedulerState state, SchedulerSettings settings, List<QueueView.Trainer> known, int limit, Instant now) {
        SchedulerState current = state.at(now);
        List<QueueView.Trainer> trainers = known.stream()
                .sorted(Comparator.comparing(QueueView.Trainer::id))
                .map(trainer -> trainer.holding(current.leaseOf(trainer.id())))
                .toList();
        List<QueueView.Request> requests = shown(current, limit).stream()
                .sorted(SchedulerDecisions.bestFirst(current, now))
                .limit(limit)
                .map(entry -> request(current, settings, entry, trainers, now))
                .toList();
        return new QueueView(current.entries().size(), requests, trainers, tenants(current, settings, now));
    }

    private static Collection<Entry> shown(SchedulerState state, int limit) {
        if (state.entries().size() <= limit) {
            return state.entries().values();
        }
        List<Entry> shown = new ArrayList<>(state.held());
        Iterator<UpdateId> ranked = state.ranking().bestFirst(state.usage(), lane -> true);
        while (shown.size() < limit && ranked.hasNext()) {
            shown.add(state.find(ranked.next()).orElseThrow());
        }
        return shown;
    }

    private static QueueView.Request request(
            SchedulerState state,
            SchedulerSettings settings,
            Entry entry,
            List<QueueView.Trainer> trainers,
            Instant now) {
        Priority priority = SchedulerDecisions.priority(state, entry, now);
        int attempts = entry.ends().size() + (entry.trainer().isPresent() ? 1 : 0);
        return new QueueView.Request(
                entry.request().id(),
                entry.request().tenant(),
                priority.sum(),
                priority.terms(),
                entry.predicted(),
                attempts,
                entry.trainer(),
                waitsFor(state, settings, entry, now).or(() -> waitsForTrainer(entry, trainers)),
                entry.placement());
    }

    private static Optional<String> waitsFor(
            SchedulerState state, SchedulerSettings settings, Entry entry, Instant now) {
        if (entry.trainer().isPresent()) {
            return entry.yieldsTo().map(urgent -> "stops at its next checkpoint in favour of " + urgent);
        }
        Optional<UpdateId> earlier = Optional.ofNullable(
                        state.entries().nextOf(entry.request().id().domain()))
                .map(next -> next.request().id())
                .filter(next -> !next.equals(entry.request().id()));
        if (earlier.isPresent()) {
            return earlier.map(other -> "waits for " + other + " of the same domain");
        }
        Optional<UpdateId> conflicting = state.groups().holder(entry.request());
        if (conflicting.isPresent()) {
            return conflicting.map(other -> "waits for " + other + ", whose domain shares a conflict group with it");
        }
        String tenant = entry.request().tenant();
        if (!SchedulerDecisions.isWithinBudget(state, settings, tenant, now)) {
            return settings.budgets().of(tenant).map(budget -> overBudget(tenant, budget, state.usage(), now));
        }
        return SchedulerDecisions.nextTry(entry, settings)
                .filter(now::isBefore)
                .map(next -> "waits until " + next + " after a failed attempt");
    }

    private static String overBudget(String tenant, double budget, TenantUsage usage, Instant now) {
        double used = usage.today(tenant, now);
        return used < budget
                ? "waits for another update of tenant " + tenant
                        + ", as nothing is predicted of what that takes of the day's budget"
                : "waits for the next day (UTC): tenant " + tenant + " has a budget of " + Math.round(budget)
                        + " GPU seconds a day, of which " + Math.round(used) + " are used or reserved";
    }

    /** A request that could begin, where all that is idle cannot run it. */
    private static Optional<String> waitsForTrainer(Entry entry, List<QueueView.Trainer> trainers) {
        if (entry.trainer().isPresent()) {
            return Optional.empty();
        }
        List<Trainer> usable = usable(trainers, trainer -> true);
        if (usable.isEmpty()) {
            return Optional.of("waits for a trainer; there is none that takes leases");
        }
        List<String> obstacles = obstacles(entry, usable);
        if (obstacles.size() == usable.size()) {
            return Optional.of("waits for a trainer that fits: " + named(obstacles));
        }
        List<Trainer> idle = usable(trainers, trainer -> trainer.update().isEmpty());
        List<String> idleObstacles = obstacles(entry, idle);
        return idle.isEmpty() || idleObstacles.size() < idle.size()
                ? Optional.empty()
                : Optional.of("waits for a trainer that fits and is busy: " + named(idleObstacles));
    }

    private static List<Trainer> usable(List<QueueView.Trainer> trainers, Predicate<QueueView.Trainer> wanted) {
        return trainers.stream()
                .filter(trainer -> !trainer.draining() && wanted.test(trainer))
                .map(trainer -> new Trainer(trainer.id(), trainer.capabilities()))
                .toList();
    }

    private static List<String> obstacles(Entry entry, List<Trainer> trainers) {
        return trainers.stream()
                .flatMap(trainer -> Placement.obstacle(entry.request(), trainer).stream())
                .toList();
    }

    private static String named(List<String> obstacles) {
        String some = String.join("; ", obstacles.subList(0, Math.min(MOST_NAMED, obstacles.size())));
        return obstacles.size() > MOST_NAMED ? some + "; and " + (obstacles.size() - MOST_NAMED) + " more" : some;
    }

    private static List<QueueView.Tenant> tenants(SchedulerState state, SchedulerSettings settings, Instant now) {
        TreeSet<String> known = new TreeSet<>(state.usage().tenants().keySet());
        state.ranking().lanes().keySet().forEach(lane -> known.add(lane.tenant()));
        known.addAll(settings.budgets().named().keySet());
        return known.stream()
                .map(tenant -> new QueueView.Tenant(
                        tenant,
                        state.usage().today(tenant, now),
                        settings.budgets().of(tenant),
                        state.usage().share(tenant)))
                .toList();
    }
}
