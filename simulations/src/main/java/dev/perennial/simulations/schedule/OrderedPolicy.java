package dev.perennial.simulations.schedule;

import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Serves requests in a fixed order of them, and where several queues are given, a request of each in turn. What is in conflict
 * with a running update is passed over. Three attempts each.
 */
final class OrderedPolicy implements Policy {
    private static final int ATTEMPTS = 3;

    /** @param gpuSeconds as they will be, but for chance: more than a scheduler could know */
    record Waiting(UpdateRequest request, double gpuSeconds) {}

    private final String name;
    private final Comparator<Waiting> order;
    private final boolean byTenant;
    private final TreeMap<String, TreeSet<Waiting>> queues = new TreeMap<>();
    private final Map<UpdateId, Waiting> running = new HashMap<>();
    private final Map<UpdateId, Waiting> waiting = new HashMap<>();
    private final Map<UpdateId, Integer> failures = new HashMap<>();
    private final Set<String> busyGroups = new HashSet<>();
    private String lastQueue = "";

    private OrderedPolicy(String name, boolean byTenant, Comparator<Waiting> order) {
        this.name = name;
        this.byTenant = byTenant;
        this.order = order.thenComparing(each -> each.request().requestedAt())
                .thenComparing(each -> each.request().id().domain())
                .thenComparing(each -> each.request().id().number());
    }

    static OrderedPolicy firstComeFirstServed() {
        return new OrderedPolicy(
                "fifo", false, Comparator.comparing(each -> each.request().requestedAt()));
    }

    /** Tenants in turn, and what came first of each. */
    static OrderedPolicy roundRobin() {
        return new OrderedPolicy(
                "round-robin", true, Comparator.comparing(each -> each.request().requestedAt()));
    }

    static OrderedPolicy shortestFirst() {
        return new OrderedPolicy("shortest-job-first", false, Comparator.comparingDouble(Waiting::gpuSeconds));
    }

    /** What has no deadline comes after all that has. */
    static OrderedPolicy earliestDeadlineFirst() {
        return new OrderedPolicy(
                "earliest-deadline-first",
                false,
                Comparator.comparing(each -> each.request().deadline().orElse(Instant.MAX)));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void request(UpdateRequest request, double gpuSeconds, Instant now) {
        UpdateId id = request.id();
        if (!running.containsKey(id) && !waiting.containsKey(id)) {
            add(new Waiting(request, gpuSeconds));
        }
    }

    private void add(Waiting request) {
        waiting.put(request.request().id(), request);
        queues.computeIfAbsent(queue(request), tenant -> new TreeSet<>(order)).add(request);
    }

    private String queue(Waiting request) {
        return byTenant ? request.request().tenant() : "all";
    }

    @Override
    public Optional<UpdateId> next(String gpu, Instant now) {
        List<String> turns = new ArrayList<>(queues.tailMap(lastQueue, false).keySet());
        turns.addAll(queues.headMap(lastQueue, true).keySet());
        for (String turn : turns) {
            Optional<Waiting> free = queues.getOrDefault(turn, new TreeSet<>(order)).stream()
                    .filter(each -> each.request().conflictGroups().stream().noneMatch(busyGroups::contains))
                    .findFirst();
            if (free.isPresent()) {
                lastQueue = turn;
                begin(turn, free.get());
                return Optional.of(free.get().request().id());
            }
        }
        return Optional.empty();
    }

    private void begin(String turn, Waiting request) {
        TreeSet<Waiting> rest = queues.getOrDefault(turn, new TreeSet<>(order));
        rest.remove(request);
        if (rest.isEmpty()) {
            queues.remove(turn);
        }
        waiting.remove(request.request().id());
        running.put(request.request().id(), request);
        busyGroups.addAll(request.request().conflictGroups());
    }

    @Override
    public void finished(UpdateId update, String gpu, Instant now) {
        end(update);
        failures.remove(update);
    }

    @Override
    public boolean failed(UpdateId update, String gpu, Instant now) {
        Waiting request = end(update);
        if (failures.merge(update, 1, Integer::sum) >= ATTEMPTS) {
            failures.remove(update);
            return true;
        }
        add(request);
        return false;
    }

    private Waiting end(UpdateId update) {
        Waiting request = running.remove(update);
        if (request == null) {
            throw new AssertionError("not running: " + update);
        }
        busyGroups.removeAll(request.request().conflictGroups());
        return request;
    }
}
