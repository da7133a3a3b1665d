package dev.perennial.domain;

import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The scheduler's state as the API shows it. */
public final class QueueViews {
    private QueueViews() {}

    /**
     * @param lastSeen by the ids of the trainers that are there
     * @param limit requests at most; where more wait, those that run and the next to begin are shown
     */
    public static QueueView view(
            SchedulerState state, SchedulerSettings settings, Map<String, Instant> lastSeen, int limit, Instant now) {
        SchedulerState current = state.at(now);
        List<QueueView.Request> requests = shown(current, limit).stream()
                .sorted(SchedulerDecisions.bestFirst(current, now))
                .limit(limit)
                .map(entry -> request(current, settings, entry, now))
                .toList();
        List<QueueView.Trainer> trainers = lastSeen.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(seen -> trainer(current, seen.getKey(), seen.getValue()))
                .toList();
        return new QueueView(current.entries().size(), requests, trainers, tenants(current, settings, now));
    }

    private static Collection<Entry> shown(SchedulerState state, int limit) {
        if (state.entries().size() <= limit) {
            return state.entries().values();
        }
        List<Entry> shown = new ArrayList<>(state.held());
        Iterator<UpdateId> ranked = state.ranking().bestFirst(state.usage(), tenant -> true);
        while (shown.size() < limit && ranked.hasNext()) {
            shown.add(state.find(ranked.next()).orElseThrow());
        }
        return shown;
    }

    private static QueueView.Request request(
            SchedulerState state, SchedulerSettings settings, Entry entry, Instant now) {
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
                waitsFor(state, settings, entry, now));
    }

    private static Optional<String> waitsFor(
            SchedulerState state, SchedulerSettings settings, Entry entry, Instant now) {
        if (entry.trainer().isPresent()) {
            return entry.yieldsTo().map(urgent -> "stops at its next checkpoint in favour of " + urgent);
        }
        Optional<UpdateId> earlier = SchedulerState.nextOf(
                        state.entries(), entry.request().id().domain())
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
            return settings.budgets()
                    .of(tenant)
                    .map(budget -> "waits for the next day (UTC): tenant " + tenant + " has a budget of "
                            + Math.round(budget) + " GPU seconds a day, of which "
                            + Math.round(state.usage().today(tenant, now)) + " are used or reserved");
        }
        return SchedulerDecisions.nextTry(entry, settings)
                .filter(now::isBefore)
                .map(next -> "waits until " + next + " after a failed attempt");
    }

    private static QueueView.Trainer trainer(SchedulerState state, String id, Instant lastSeen) {
        Optional<Lease> lease = state.leaseOf(id);
        return new QueueView.Trainer(id, lease.map(Lease::update), lease.map(Lease::token), lastSeen);
    }

    private static List<QueueView.Tenant> tenants(SchedulerState state, SchedulerSettings settings, Instant now) {
        TreeSet<String> known = new TreeSet<>(state.usage().tenants().keySet());
        known.addAll(state.ranking().tenants().keySet());
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
