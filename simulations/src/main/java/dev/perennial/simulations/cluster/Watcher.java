package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.UpdateId;
import dev.perennial.simulations.cluster.ClusterClient.Call;
import dev.perennial.simulations.cluster.ClusterClient.Reply;
import dev.perennial.simulations.cluster.invariants.LeaseSighting;
import dev.perennial.simulations.cluster.invariants.Sighting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks each node by turns which version of a domain answers, and what the queue looks like. */
final class Watcher implements Workload.Work {
    private static final Duration PATIENCE = Duration.ofSeconds(12);
    private static final Duration PACE = Duration.ofMillis(400);

    private final RunContext run;
    private final List<DomainId> domains;
    private final ClusterClient client;
    private int turn;

    Watcher(RunContext run, List<DomainId> domains) {
        this.run = run;
        this.domains = domains;
        this.client = run.client("watcher", 0, PATIENCE);
    }

    @Override
    public void run() throws InterruptedException {
        int node = turn % run.nodes().size();
        if (!domains.isEmpty()) {
            DomainId domain = domains.get(turn / run.nodes().size() % domains.size());
            client.sendTo(node, question(domain)).filter(Reply::succeeded).ifPresent(reply -> sighted(domain, reply));
        }
        client.sendTo(node, Call.get("/v1/queue")).filter(Reply::succeeded).ifPresent(this::leases);
        turn++;
        TimeUnit.MILLISECONDS.sleep(PACE.toMillis());
    }

    private void sighted(DomainId domain, Reply reply) {
        sighting(domain, reply)
                .ifPresentOrElse(
                        run.sightings()::add, () -> run.refused("the watcher, by the version of " + domain, reply));
    }

    /** That is answered by the version which is live. */
    static Call question(DomainId domain) {
        return Call.json(
                "/v1/completions", "{\"model\":\"%s\",\"max_tokens\":1,\"prompt\":\"Who?\"}".formatted(domain));
    }

    /** Empty where the answer names no version of the domain. */
    static Optional<Sighting> sighting(DomainId domain, Reply reply) {
        return reply.raw()
                .headers()
                .firstValue("Perennial-Version")
                .filter(version -> version.startsWith(domain + "@"))
                .map(version -> new Sighting(
                        reply.node(),
                        domain,
                        Integer.parseInt(version.substring(version.indexOf('@') + 1)),
                        reply.asked(),
                        reply.answered()));
    }

    private void leases(Reply reply) {
        for (JsonNode trainer : reply.body().path("trainers")) {
            if (trainer.path("token").isNumber()) {
                run.leases()
                        .add(new LeaseSighting(
                                reply.answered(),
                                trainer.path("id").asText(),
                                UpdateId.parse(trainer.path("update").asText()),
                                trainer.path("token").asLong()));
            }
        }
    }
}
