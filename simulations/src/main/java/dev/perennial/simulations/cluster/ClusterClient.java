package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A well-behaved client: it stays with the node that answered last, and goes on with the next one where a node gives no answer in
 * time, or one that says to try again. One thread uses it.
 */
final class ClusterClient {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int SERVER_ERROR = 500;
    private static final int REFUSED = 400;

    static final ObjectMapper JSON = new ObjectMapper();

    private final String worker;
    private final List<NodeAddress> nodes;
    private final History history;
    private final Duration patience;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private int current;

    /**
     * @param worker whose requests these are
     * @param patience for one node's answer
     */
    ClusterClient(String worker, List<NodeAddress> nodes, int first, History history, Duration patience) {
        this.worker = worker;
        this.nodes = List.copyOf(nodes);
        this.current = first % nodes.size();
        this.history = history;
        this.patience = patience;
    }

    /**
     * @param type of the body
     * @param body empty for a GET or a DELETE
     */
    record Call(String method, String path, String type, Optional<String> body, Map<String, String> headers) {
        static Call get(String path) {
            return new Call("GET", path, "", Optional.empty(), Map.of());
        }

        static Call delete(String path) {
            return new Call("DELETE", path, "", Optional.empty(), Map.of());
        }

        static Call json(String path, String body) {
            return new Call("POST", path, "application/json", Optional.of(body), Map.of());
        }

        static Call lines(String path, String body) {
            return new Call("POST", path, "application/x-ndjson", Optional.of(body), Map.of());
        }

        /** A repetition with this key is known as such. */
        Call keyed(String key) {
            return new Call(method, path, type, body, Map.of("Idempotency-Key", key));
        }
    }

    /** @param status below 500 */
    record Reply(int node, int status, JsonNode body, HttpResponse<String> raw, Instant asked, Instant answered) {
        boolean succeeded() {
            return status < REFUSED;
        }
    }

    /** Tries one node after another until one answers other than to try again; empty where none has by the deadline. */
    Optional<Reply> send(Call call, Deadline deadline) throws InterruptedException {
        while (!deadline.isOver()) {
            for (int i = 0; i < nodes.size() && !deadline.isOver(); i++) {
                Optional<Reply> reply = sendTo(current, call);
                if (reply.isPresent()) {
                    return reply;
                }
                current = (current + 1) % nodes.size();
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
        return Optional.empty();
    }

    /**
     * As {@link #send}, but a node that is late is not given up: the next one is asked as well, and the first answer counts. For what may
     * arrive twice.
     *
     * @param late after which a node is late; the client's patience is for when it is asked again
     */
    Optional<Reply> sendHedged(Call call, Duration late, Deadline deadline) throws InterruptedException {
        BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        Set<Integer> pending = new HashSet<>();
        while (!deadline.isOver()) {
            if (pending.add(current)) {
                int node = current;
                CompletableFuture<Void> unused =
                        ask(node, call).thenAccept(reply -> answers.add(new Answer(node, reply)));
            }
            Answer answer = answers.poll(late.toMillis(), TimeUnit.MILLISECONDS);
            if (answer != null) {
                if (answer.reply().isPresent()) {
                    current = answer.node();
                    return answer.reply();
                }
                pending.remove(answer.node());
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            }
            current = (current + 1) % nodes.size();
        }
        return Optional.empty();
    }

    private record Answer(int node, Optional<Reply> reply) {}

    /** Asks one node; empty where it gives no answer in time, or one that says to try again. */
    Optional<Reply> sendTo(int node, Call call) throws InterruptedException {
        CompletableFuture<Optional<Reply>> reply = ask(node, call);
        try {
            return reply.get();
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug.getCause());
        }
    }

    private CompletableFuture<Optional<Reply>> ask(int node, Call call) {
        HttpRequest.Builder request = HttpRequest.newBuilder(nodes.get(node).uri(call.path()))
                .timeout(patience)
                .method(
                        call.method(),
                        call.body()
                                .map(HttpRequest.BodyPublishers::ofString)
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        call.headers().forEach(request::header);
        call.body().ifPresent(body -> request.header("Content-Type", call.type()));
        Instant asked = Instant.now();
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .handle((response, noAnswer) -> {
                    int status = noAnswer == null ? response.statusCode() : 0;
                    Instant answered = Instant.now();
                    history.request(
                            worker,
                            call.method() + " " + call.path(),
                            node,
                            status,
                            asked,
                            Duration.between(asked, answered));
                    return status == 0 || status >= SERVER_ERROR
                            ? Optional.empty()
                            : json(response.body())
                                    .map(body -> new Reply(node, status, body, response, asked, answered));
                });
    }

    /** Empty where it was broken off. */
    private static Optional<JsonNode> json(String body) {
        try {
            return Optional.of(JSON.readTree(body));
        } catch (JsonProcessingException brokenOff) {
            return Optional.empty();
        }
    }
}
