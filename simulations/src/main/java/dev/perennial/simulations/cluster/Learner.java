package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.ClusterClient.Call;
import dev.perennial.simulations.cluster.ClusterClient.Reply;
import dev.perennial.simulations.cluster.invariants.Write;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One domain's life: examples, an update to its end, a completion and feedback on it, and at times a rollback; over and over. Some updates
 * are urgent, some are asked for once more before they have ended, and some are cancelled.
 */
final class Learner implements Workload.Work {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int EXAMPLES = 6;
    private static final int ROLLBACK_EVERY = 3;
    private static final int URGENT_EVERY = 3;
    private static final int AGAIN_EVERY = 4;
    private static final int CANCEL_EVERY = 6;
    private static final int CONFLICT = 409;
    private static final Set<String> FINAL = Set.of("live", "rejected", "cancelled", "failed");

    private final RunContext run;
    private final DomainId domain;
    private final String name;
    private final ClusterClient client;
    private final Examples examples;
    private final SplittableRandom random;
    private int round;

    Learner(RunContext run, DomainId domain) {
        this.run = run;
        this.domain = domain;
        this.name = "learner-" + domain;
        this.random = new SplittableRandom(run.seed() ^ name.hashCode());
        this.client = run.client(name, random.nextInt(run.nodes().size()), PATIENCE);
        this.examples = new Examples(name, random);
    }

    @Override
    public void run() throws InterruptedException {
        round++;
        Set<String> updates = new LinkedHashSet<>();
        learn("update", random.nextInt(URGENT_EVERY) == 0 ? "fix" : "knowledge", false)
                .ifPresent(updates::add);
        if (random.nextInt(AGAIN_EVERY) == 0) {
            // The same update where that has not begun, else one that waits for it.
            learn("again", "fix", !updates.isEmpty()).ifPresent(updates::add);
        }
        if (random.nextInt(CANCEL_EVERY) == 0) {
            for (String update : updates) {
                // What has ended meanwhile is not cancelled, which is as well.
                client.send(Call.delete("/v1/updates/" + update), Deadline.in(LIMIT));
            }
        }
        for (String update : updates) {
            awaitEnd(update);
        }
        giveFeedback();
        if (random.nextInt(ROLLBACK_EVERY) == 0) {
            rollBack();
        }
    }

    /** @param again where an update is open: the request is refused where that one begins in time to take these examples too */
    private Optional<String> learn(String what, String kind, boolean again) throws InterruptedException {
        Writer.write(
                run,
                domain,
                client,
                Stream.generate(examples::next).limit(EXAMPLES).toList(),
                LIMIT);
        String key = key(what);
        run.ledger().open(Write.Kind.UPDATE, domain, key);
        Optional<Reply> reply = client.send(
                Call.json("/v1/domains/" + domain + "/updates", "{\"kind\":\"%s\",\"importance\":0.5}".formatted(kind))
                        .keyed(key),
                Deadline.in(LIMIT));
        boolean taken = again && reply.filter(each -> each.status() == CONFLICT).isPresent();
        if (taken || !accepted(reply)) {
            return Optional.empty();
        }
        String id = reply.orElseThrow().body().path("id").asText();
        run.ledger().acknowledge(Write.Kind.UPDATE, domain, key, id);
        return Optional.of(id);
    }

    private void awaitEnd(String update) throws InterruptedException {
        Deadline end = Deadline.in(LIMIT);
        while (!end.isOver() && !run.stopped().get()) {
            Optional<Reply> reply = client.send(Call.get("/v1/updates/" + update), end);
            if (reply.filter(each -> FINAL.contains(each.body().path("state").asText()))
                    .isPresent()) {
                run.history()
                        .event(update + " is "
                                + reply.orElseThrow().body().path("state").asText() + " "
                                + reply.orElseThrow().body().path("reason").asText(""));
                return;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    private void giveFeedback() throws InterruptedException {
        String question = "What of " + domain + " in round " + round + "?";
        Optional<Reply> served = client.send(
                Call.json(
                        "/v1/chat/completions",
                        "{\"model\":\"%s\",\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                                .formatted(domain, question)),
                Deadline.in(LIMIT));
        if (!accepted(served)) {
            return;
        }
        String completion = served.orElseThrow().body().path("id").asText();
        String comment = key("feedback");
        String body = "{\"completion_id\":\"%s\",\"rating\":\"down\",\"correction\":\"%s\",\"comment\":\"%s\"}"
                .formatted(completion, Long.toHexString(random.nextLong()), comment);
        run.ledger().open(Write.Kind.FEEDBACK, domain, comment);
        Optional<Reply> reply = client.send(Call.json("/v1/feedback", body), Deadline.in(LIMIT));
        if (accepted(reply)) {
            book(run.ledger(), domain, comment, completion, reply.orElseThrow().body());
        }
    }

    /**
     * Feedback that is acknowledged acknowledges the examples that it became.
     *
     * @param receipt as it was answered: {@code example_id}, and {@code preference_id} where the served answer is another one
     */
    static void book(Ledger ledger, DomainId domain, String comment, String completion, JsonNode receipt) {
        ledger.acknowledge(Write.Kind.FEEDBACK, domain, comment, completion);
        for (String field : List.of("example_id", "preference_id")) {
            JsonNode example = receipt.path(field);
            if (example.isTextual()) {
                ledger.acknowledge(Write.Kind.EXAMPLE, domain, example.asText(), "");
            }
        }
    }

    /** Only this worker changes what is live, and no update runs now: the rollback is to another version than the live one. */
    private void rollBack() throws InterruptedException {
        Optional<Reply> versions = client.send(Call.get("/v1/domains/" + domain + "/versions"), Deadline.in(LIMIT));
        if (!accepted(versions)) {
            return;
        }
        List<Integer> others = Stream.concat(
                        Stream.of(0)
                                .filter(base -> hasLive(versions.orElseThrow().body())),
                        stream(versions.orElseThrow().body())
                                .filter(each -> each.path("status").asText().equals("accepted")
                                        && !each.path("live").asBoolean())
                                .map(each -> number(each.path("id").asText())))
                .toList();
        if (others.isEmpty()) {
            return;
        }
        String key = key("rollback");
        int to = others.get(random.nextInt(others.size()));
        run.ledger().open(Write.Kind.ROLLBACK, domain, key);
        Optional<Reply> reply = client.send(
                Call.json("/v1/domains/" + domain + "/rollback", "{\"to\":%d,\"reason\":\"%s\"}".formatted(to, key))
                        .keyed(key),
                Deadline.in(LIMIT));
        if (accepted(reply)) {
            run.ledger().acknowledge(Write.Kind.ROLLBACK, domain, key, Integer.toString(to));
        }
    }

    private static boolean hasLive(JsonNode versions) {
        return stream(versions).anyMatch(each -> each.path("live").asBoolean());
    }

    private static Stream<JsonNode> stream(JsonNode versions) {
        return StreamSupport.stream(versions.path("data").spliterator(), false);
    }

    private static int number(String version) {
        return Integer.parseInt(version.substring(version.indexOf('@') + 1));
    }

    private boolean accepted(Optional<Reply> reply) {
        reply.filter(each -> !each.succeeded()).ifPresent(each -> run.refused(name, each));
        return reply.filter(Reply::succeeded).isPresent();
    }

    private String key(String what) {
        return what + "-" + domain + "-" + run.seed() + "-" + round;
    }
}
