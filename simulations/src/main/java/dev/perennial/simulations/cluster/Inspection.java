package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.simulations.cluster.ClusterClient.Call;
import dev.perennial.simulations.cluster.ClusterClient.Reply;
import dev.perennial.simulations.cluster.invariants.AcknowledgedUpdatesEnd;
import dev.perennial.simulations.cluster.invariants.Book;
import dev.perennial.simulations.cluster.invariants.Evidence;
import dev.perennial.simulations.cluster.invariants.Invariant;
import dev.perennial.simulations.cluster.invariants.JournalRow;
import dev.perennial.simulations.cluster.invariants.LeaseSighting;
import dev.perennial.simulations.cluster.invariants.Served;
import dev.perennial.simulations.cluster.invariants.Sighting;
import dev.perennial.simulations.cluster.invariants.Stored;
import dev.perennial.simulations.cluster.invariants.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Gathers evidence, while the run goes on and when it is over, and lets the invariants judge it. */
final class Inspection {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration POLL = Duration.ofSeconds(2);
    /** The most that the API shows; a run has far fewer. */
    private static final int LONGEST_QUEUE = 10_000;

    private final RunContext run;
    private final Archive archive;
    private final List<DomainId> domains;
    private final List<Invariant> invariants;

    Inspection(RunContext run, Archive archive, List<DomainId> domains, List<Invariant> invariants) {
        this.run = run;
        this.archive = archive;
        this.domains = List.copyOf(domains);
        this.invariants = List.copyOf(invariants);
    }

    /** Of a run that goes on: without the tables, and without what the nodes show. */
    Findings during() {
        return judge(gather(domains, Optional.empty(), List.of(), Optional.empty()));
    }

    /**
     * Of a run in which nothing has happened for as long as a version takes to be live everywhere: each node is asked for a
     * completion of each domain, and only that by the version which is live is right.
     */
    Findings after() throws InterruptedException {
        List<Served> served = new ArrayList<>();
        ClusterClient client = run.client("inspector", 0, PATIENCE);
        for (int node = 0; node < run.nodes().size(); node++) {
            for (DomainId domain : domains) {
                served.add(served(client, node, domain));
                run.sightings().add(sighting(client, node, domain));
            }
        }
        Set<String> queue = queue(client);
        return judge(gather(domains, Optional.of(archive.stored()), served, Optional.of(queue)));
    }

    /** Of a run that was broken off and is under load no more: without what the nodes show. */
    Findings last() {
        return judge(gather(domains, Optional.of(archive.stored()), List.of(), Optional.empty()));
    }

    /** Returns once every acknowledged update has ended, or when the limit is over: what became of them, an invariant judges. */
    void awaitEnds(Duration limit) throws InterruptedException {
        Deadline end = Deadline.in(limit);
        while (!end.isOver()) {
            List<DomainId> asked = run.ledger().book().writes().stream()
                    .filter(write -> write.kind() == Write.Kind.UPDATE)
                    .map(Write::domain)
                    .distinct()
                    .toList();
            if (AcknowledgedUpdatesEnd.open(gather(asked, Optional.empty(), List.of(), Optional.empty()))
                    .isEmpty()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    private Evidence gather(
            List<DomainId> of, Optional<Stored> stored, List<Served> served, Optional<Set<String>> queue) {
        Book book = run.ledger().book();
        List<Sighting> sightings = List.copyOf(run.sightings());
        List<LeaseSighting> leases = List.copyOf(run.leases());
        Map<DomainId, List<JournalRow<DomainEvent>>> journals = new LinkedHashMap<>();
        of.forEach(domain -> journals.put(domain, archive.domain(domain)));
        // After the domains: a token under which an update was begun is in it.
        List<JournalRow<SchedulerEvent>> scheduler = archive.scheduler();
        return new Evidence(book, journals, scheduler, stored, sightings, leases, served, queue);
    }

    private Findings judge(Evidence evidence) {
        Map<String, List<String>> breaches = new LinkedHashMap<>();
        invariants.forEach(invariant -> breaches.put(invariant.name(), invariant.breaches(evidence)));
        return new Findings(
                breaches,
                evidence.book().acknowledged(),
                evidence.discarded(),
                evidence.promotions(),
                evidence.yields());
    }

    private static Sighting sighting(ClusterClient client, int node, DomainId domain) throws InterruptedException {
        return ask(
                client,
                node,
                Watcher.question(domain),
                reply -> Optional.of(reply)
                        .filter(Reply::succeeded)
                        .flatMap(completed -> Watcher.sighting(domain, completed)),
                "completed nothing of " + domain);
    }

    private Served served(ClusterClient client, int node, DomainId domain) throws InterruptedException {
        String path = "/v1/domains/" + domain;
        JsonNode view = get(client, node, path);
        JsonNode versions = get(client, node, path + "/versions").path("data");
        int updates = (int) archive.domain(domain).stream()
                .filter(row -> row.event() instanceof DomainEvent.UpdateRequested)
                .map(row ->
                        ((DomainEvent.UpdateRequested) row.event()).request().id())
                .distinct()
                .count();
        List<JsonNode> shown = new ArrayList<>();
        for (int number : IntStream.rangeClosed(1, updates).toArray()) {
            shown.add(get(client, node, "/v1/updates/" + domain + "-u" + number));
        }
        return new Served(node, domain, view, versions, shown);
    }

    private Set<String> queue(ClusterClient client) throws InterruptedException {
        Set<String> ids = new HashSet<>();
        get(client, 0, "/v1/queue?limit=" + LONGEST_QUEUE)
                .path("requests")
                .forEach(request -> ids.add(request.path("id").asText()));
        return ids;
    }

    private static JsonNode get(ClusterClient client, int node, String path) throws InterruptedException {
        return ask(client, node, Call.get(path), reply -> Optional.of(reply.body()), "did not answer " + path);
    }

    /**
     * @param use of an answer; empty where it is none and is asked for again
     * @param otherwise what is to be said of a node that gives none in time
     */
    private static <T> T ask(
            ClusterClient client, int node, Call call, Function<Reply, Optional<T>> use, String otherwise)
            throws InterruptedException {
        Deadline end = Deadline.in(LIMIT);
        while (!end.isOver()) {
            Optional<T> answer = client.sendTo(node, call).flatMap(use);
            if (answer.isPresent()) {
                return answer.get();
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
        throw new SimulationException("node " + node + " " + otherwise + " within " + LIMIT.toSeconds()
                + " s, although there are no faults any more");
    }
}
