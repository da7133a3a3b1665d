package dev.perennial.domain;

import dev.perennial.domain.KeyedTree.Keyed;
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

/**
 * Requests that could begin, in order. A request keeps its place among those of its lane until its deadline comes a step
 * nearer, so that putting one in or taking the best out costs O(log n) and one look at each lane.
 *
 * @param lanes the requests of each by {@link Priority#key} with the other sign, those of one key by id; no empty sets
 */
record Ranking(PriorityWeights weights, TreePMap<Lane, KeyedTree<UpdateId>> lanes) {
    /**
     * Requests that may begin at the same time and in the same places, however many there are: so what may not is passed over at
     * once.
     */
    record Lane(String tenant, Need need) {
        static final Comparator<Lane> ORDER = (one, other) -> {
            int byTenant = Need.compare(one.tenant, other.tenant);
            return byTenant != 0 ? byTenant : Need.ORDER.compare(one.need, other.need);
        };

        static Lane of(UpdateRequest request) {
            return new Lane(request.tenant(), Need.of(request));
        }
    }

    /** Equal priorities keep the order of their ids, so that two runs agree. */
    private static final KeyedTree<UpdateId> NONE = KeyedTree.empty(SchedulerState.ORDER);

    static Ranking empty(PriorityWeights weights) {
        return new Ranking(weights, TreePMap.empty(Lane.ORDER));
    }

    /** @param at the time of the state, which says how near the deadline is */
    Ranking plus(Entry entry, Instant at) {
        Lane lane = Lane.of(entry.request());
        return new Ranking(
                weights,
                lanes.plus(lane, of(lane).plus(key(entry, at), entry.request().id())));
    }

    /** @param at the time of the state in which it was put in, or any later one up to the next step of its deadline */
    Ranking minus(Entry entry, Instant at) {
        Lane lane = Lane.of(entry.request());
        KeyedTree<UpdateId> rest =
                of(lane).minus(key(entry, at), entry.request().id());
        return new Ranking(weights, rest.isEmpty() ? lanes.minus(lane) : lanes.plus(lane, rest));
    }

    private KeyedTree<UpdateId> of(Lane lane) {
        KeyedTree<UpdateId> requests = lanes.get(lane);
        return requests == null ? NONE : requests;
    }

    /** Smallest for the best. */
    private double key(Entry entry, Instant at) {
        return -Priority.key(weights, entry.request(), entry.predicted(), at);
    }

    int size() {
        return lanes.values().stream().mapToInt(KeyedTree::size).sum();
    }

    /** The first in the order of {@link #bestFirst}, without preparing what comes after it. */
    Optional<UpdateId> best(TenantUsage usage, Predicate<Lane> allowed) {
        double total = usage.total();
        Head best = null;
        double leastPenalty = Math.min(0, weights.tenant());
        for (Map.Entry<Lane, KeyedTree<UpdateId>> each : lanes.entrySet()) {
            double key = each.getValue().firstKey();
            // Most lanes have nothing as good, whatever their tenant used.
            if ((best == null || key + leastPenalty <= best.score()) && allowed.test(each.getKey())) {
                Head head = new Head(
                        each.getValue().first(),
                        key + penalty(usage, each.getKey().tenant(), total));
                best = best == null || head.compareTo(best) < 0 ? head : best;
            }
        }
        return Optional.ofNullable(best).map(Head::id);
    }

    /** @param allowed whether requests of a lane may begin now */
    Iterator<UpdateId> bestFirst(TenantUsage usage, Predicate<Lane> allowed) {
        PriorityQueue<Merging> heads = new PriorityQueue<>();
        double total = usage.total();
        lanes.forEach((lane, requests) -> {
            if (allowed.test(lane)) {
                Iterator<Keyed<UpdateId>> all = requests.iterator();
                heads.add(new Merging(all, all.next(), penalty(usage, lane.tenant(), total)));
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
                return head.first().value();
            }
        };
    }

    private double penalty(TenantUsage usage, String tenant, double total) {
        return total > 0 ? weights.tenant() * usage.find(tenant).recent() / total : 0;
    }

    /** @param score smallest for the best */
    private record Head(UpdateId id, double score) implements Comparable<Head> {
        @Override
        public int compareTo(Head other) {
            int byScore = Double.compare(score, other.score);
            return byScore != 0 ? byScore : SchedulerState.ORDER.compare(id, other.id);
        }
    }

    private record Merging(Iterator<Keyed<UpdateId>> rest, Keyed<UpdateId> first, double penalty)
            implements Comparable<Merging> {
        private Head head() {
            return new Head(first.value(), first.key() + penalty);
        }

        @Override
        public int compareTo(Merging other) {
            return head().compareTo(other.head());
        }
    }
}
