package dev.perennial.domain;

import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Requests that could begin, in order. A request keeps its place among those of its tenant until its deadline comes a step
 * nearer, so that putting one in or taking the best out costs O(log n) and one look at each tenant.
 *
 * @param tenants the requests of each by {@link Priority#key}, largest first, and those of one key by id; no empty sets
 */
record Ranking(PriorityWeights weights, TreePMap<String, TreePSet<Ranked>> tenants) {
    /** @param key as of when it was put in */
    record Ranked(double key, UpdateId id) {}

    /** Equal priorities keep the order of their ids, so that two runs agree. */
    private static final Comparator<Ranked> ORDER = (one, other) -> {
        int byKey = Double.compare(other.key, one.key);
        return byKey != 0 ? byKey : SchedulerState.ORDER.compare(one.id, other.id);
    };

    private static final TreePSet<Ranked> NONE = TreePSet.empty(ORDER);

    static Ranking empty(PriorityWeights weights) {
        return new Ranking(weights, TreePMap.empty());
    }

    /** @param at the time of the state, which says how near the deadline is */
    Ranking plus(Entry entry, Instant at) {
        String tenant = entry.request().tenant();
        return new Ranking(weights, tenants.plus(tenant, of(tenant).plus(ranked(entry, at))));
    }

    /** @param at the time of the state in which it was put in, or any later one up to the next step of its deadline */
    Ranking minus(Entry entry, Instant at) {
        String tenant = entry.request().tenant();
        TreePSet<Ranked> rest = of(tenant).minus(ranked(entry, at));
        return new Ranking(weights, rest.isEmpty() ? tenants.minus(tenant) : tenants.plus(tenant, rest));
    }

    private TreePSet<Ranked> of(String tenant) {
        TreePSet<Ranked> requests = tenants.get(tenant);
        return requests == null ? NONE : requests;
    }

    private Ranked ranked(Entry entry, Instant at) {
        UpdateRequest request = entry.request();
        return new Ranked(Priority.key(weights, request, entry.predicted(), at), request.id());
    }

    int size() {
        return tenants.values().stream().mapToInt(TreePSet::size).sum();
    }

    /** The first in the order of {@link #bestFirst}, without preparing what comes after it. */
    Optional<UpdateId> best(TenantUsage usage, Predicate<String> allowed) {
        double total = usage.total();
        Head best = null;
        for (Map.Entry<String, TreePSet<Ranked>> each : tenants.entrySet()) {
            if (allowed.test(each.getKey())) {
                Ranked first = each.getValue().first();
                Head head = new Head(first, first.key() - penalty(usage, each.getKey(), total));
                if (best == null || head.compareTo(best) < 0) {
                    best = head;
                }
            }
        }
        return Optional.ofNullable(best).map(head -> head.first().id());
    }

    /** @param allowed whether a tenant may begin more today */
    Iterator<UpdateId> bestFirst(TenantUsage usage, Predicate<String> allowed) {
        PriorityQueue<Merging> heads = new PriorityQueue<>();
        double total = usage.total();
        tenants.forEach((tenant, requests) -> {
            if (allowed.test(tenant)) {
                Iterator<Ranked> all = requests.iterator();
                heads.add(new Merging(all, all.next(), penalty(usage, tenant, total)));
            }
        });
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !heads.isEmpty();
            }

            @Override
            public UpdateId next() {
                Merging head = heads.poll();
                if (head == null) {
                    throw new NoSuchElementException();
                }
                if (head.rest().hasNext()) {
                    heads.add(new Merging(head.rest(), head.rest().next(), head.penalty()));
                }
                return head.first().id();
            }
        };
    }

    private double penalty(TenantUsage usage, String tenant, double total) {
        return total > 0 ? weights.tenant() * usage.find(tenant).recent() / total : 0;
    }

    private record Head(Ranked first, double score) implements Comparable<Head> {
        @Override
        public int compareTo(Head other) {
            int byScore = Double.compare(other.score, score);
            return byScore != 0 ? byScore : SchedulerState.ORDER.compare(first.id(), other.first.id());
        }
    }

    private record Merging(Iterator<Ranked> rest, Ranked first, double penalty) implements Comparable<Merging> {
        @Override
        public int compareTo(Merging other) {
            return new Head(first, first.key() - penalty)
                    .compareTo(new Head(other.first, other.first.key() - other.penalty));
        }
    }
}
