package dev.perennial.serving;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.RandomAdapters;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.protocols.VersionId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A serving actor with the embedded base and an adapter for each domain, made from the domain's name: its rank is the length
 * of the name.
 */
final class ServingBench implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static final Path BASE = Path.of("src/main/resources/base");

    final BaseModel base;
    final Map<String, String> recorded = new ConcurrentHashMap<>();
    final Map<String, Boolean> wholes = new ConcurrentHashMap<>();
    private final ActorTestKit kit = ActorTestKit.create();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final ActorRef<ServingCommand> serving;
    private int asked;

    ServingBench(int batchRows, int waitingRequests) {
        this(BASE, batchRows, waitingRequests);
    }

    ServingBench(Path directory, int batchRows, int waitingRequests) {
        base = BaseModel.open(directory);
        serving = kit.spawn(Serving.create(new Serving.Parts(
                base,
                (domain, command) -> CompletableFuture.completedFuture(
                        new DomainReply.Resolved(new VersionId(domain, 1), Optional.of(domain.value()))),
                artifact -> CompletableFuture.completedFuture(
                        RandomAdapters.of(base, artifact.length(), List.of("all-linear"), artifact.hashCode())),
                (id, version, request, answer, whole, at) -> {
                    recorded.put(id, answer);
                    wholes.put(id, whole);
                    return CompletableFuture.completedFuture(true);
                },
                thread,
                2,
                batchRows,
                waitingRequests,
                () -> Instant.EPOCH)));
    }

    /** A request that was sent, and what comes of it. */
    final class Sent {
        private final String key = "key-" + asked++;
        private final TestProbe<GenerationPart> probe = kit.createTestProbe();
        private final GenerationRequest request;

        private Sent(GenerationRequest request) {
            this.request = request;
            serving.tell(new ServingCommand.Generate(key, request, probe.ref()));
        }

        GenerationPart next() {
            return probe.receiveMessage(PATIENCE);
        }

        /** Up to the last finished choice, or the refusal. */
        List<GenerationPart> all() {
            List<GenerationPart> parts = new ArrayList<>();
            int unfinished = request.choices();
            while (unfinished > 0) {
                GenerationPart part = next();
                parts.add(part);
                unfinished = part instanceof GenerationPart.Refused
                        ? 0
                        : part instanceof GenerationPart.Finished ? unfinished - 1 : unfinished;
            }
            return parts;
        }

        void abandon() {
            serving.tell(new ServingCommand.Abandon(key));
        }
    }

    Sent send(GenerationRequest request) {
        return new Sent(request);
    }

    List<GenerationPart> ask(GenerationRequest request) {
        return send(request).all();
    }

    void stopServing() {
        kit.stop(serving, PATIENCE);
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        thread.shutdown();
        base.close();
    }
}
