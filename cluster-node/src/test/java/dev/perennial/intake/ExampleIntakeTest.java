package dev.perennial.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.IntakeSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class ExampleIntakeTest {
    private static final DomainId NEWS = new DomainId("news");
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private static ActorSystem<Void> system;

    private final Set<String> stored = ConcurrentHashMap.newKeySet();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger batches = new AtomicInteger();

    @BeforeAll
    static void start() {
        system = ActorSystem.create(
                Behaviors.empty(),
                "intake-test",
                ConfigFactory.parseString("pekko.actor.provider = local").withFallback(ConfigFactory.load()));
    }

    @AfterAll
    static void stop() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void twentyThousandLinesAreCountedExactly() {
        List<String> lines = new ArrayList<>();
        for (int index = 1; index <= 20_000; index++) {
            lines.add(
                    switch (index % 100) {
                        case 7 -> "{\"text\":\"broken\"";
                        case 17 -> "{\"wrong\":" + index + "}";
                        case 27 -> "{\"text\":\"" + "z".repeat(2000) + "\"}";
                        case 37 -> "{\"text\":\"Document 1\"}";
                        case 47 -> "";
                        default -> "{\"text\":\"Document " + index + "\"}";
                    });
        }
        IntakeReport report = await(intake(this::accept).takeLines(NEWS, chunked(lines, 1000), 1024));
        assertEquals(19_000, report.accepted());
        assertEquals(200, report.duplicates());
        assertEquals(600, report.rejected());
        assertEquals(100, report.errors().size());
        assertEquals(
                List.of(7L, 17L, 27L, 107L),
                report.errors().stream()
                        .limit(4)
                        .map(IntakeReport.LineError::line)
                        .toList());
        assertEquals(19_000, accepted.size());
        assertEquals(stored, accepted);
        assertTrue(batches.get() >= 40, "batches hold at most 500: " + batches);
    }

    @Test
    void rowsAreStoredBeforeTheyAreAccepted() {
        IntakeReport report = await(intake((domain, command) -> {
                    if (command instanceof DomainCommand.AcceptExamples accept) {
                        assertTrue(stored.containsAll(
                                accept.examples().stream().map(ExampleRef::id).toList()));
                    }
                    return accept(domain, command);
                })
                .takeLines(NEWS, chunked(numbered(1200), 64), 1024));
        assertEquals(1200, report.accepted());
    }

    @Test
    void failureMidwaySaysWhatWasDoneAndSendingAgainCompletes() {
        ExampleIntake failing = intake((domain, command) -> accepted.size() >= 1000
                ? CompletableFuture.completedFuture(new DomainReply.Refused(Problem.unavailable("the journal is away")))
                : accept(domain, command));
        ProblemException failure = assertThrows(
                ProblemException.class, () -> await(failing.takeLines(NEWS, chunked(numbered(2000), 512), 1024)));
        assertEquals(
                "the journal is away; of the lines before, 1000 were accepted, 0 were duplicates and 0 were rejected."
                        + " It is safe to send all of them again",
                failure.problem().message());
        IntakeReport again = await(intake(this::accept).takeLines(NEWS, chunked(numbered(2000), 512), 1024));
        assertEquals(1000, again.accepted());
        assertEquals(1000, again.duplicates());
    }

    @Test
    void storeThatFailsIsUnavailableAndNothingIsAccepted() {
        ExampleIntake failing = intake(
                (domain, rows) -> CompletableFuture.failedFuture(new IllegalStateException("secret")), this::accept);
        ProblemException failure = assertThrows(
                ProblemException.class, () -> await(failing.takeLines(NEWS, chunked(numbered(3), 9), 1024)));
        assertEquals(Problem.unavailable("the example store failed; try again"), failure.problem());
        assertTrue(accepted.isEmpty());
    }

    @Test
    void storeThatIsSilentIsUnavailable() {
        ExampleIntake silent = intake((domain, rows) -> new CompletableFuture<>(), this::accept);
        ProblemException failure = assertThrows(
                ProblemException.class, () -> await(silent.takeLines(NEWS, chunked(numbered(3), 9), 1024)));
        assertEquals(
                "the example store did not answer within 200 ms",
                failure.problem().message());
    }

    private ExampleIntake intake(DomainAsk domains) {
        return intake(
                (domain, rows) -> {
                    rows.forEach(row -> stored.add(row.id()));
                    batches.incrementAndGet();
                    return CompletableFuture.completedFuture(rows.size());
                },
                domains);
    }

    private static ExampleIntake intake(ExampleRows rows, DomainAsk domains) {
        return new ExampleIntake(
                rows,
                domains,
                new IntakeSettings(500, 1 << 20, Duration.ofSeconds(5), Duration.ofMillis(200), 100),
                Duration.ofSeconds(5),
                Clock.fixed(NOW, ZoneOffset.UTC),
                system);
    }

    private CompletionStage<DomainReply> accept(DomainId domain, DomainCommand command) {
        if (command instanceof DomainCommand.AcceptExamples accept) {
            int fresh = (int) accept.examples().stream()
                    .filter(ref -> accepted.add(ref.id()))
                    .count();
            return CompletableFuture.completedFuture(
                    new DomainReply.ExamplesCounted(fresh, accept.examples().size() - fresh, List.of()));
        }
        return CompletableFuture.completedFuture(new DomainReply.Done());
    }

    private static List<String> numbered(int count) {
        List<String> lines = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            lines.add("{\"prompt\":\"Question " + index + "\",\"completion\":\"Answer\"}");
        }
        return lines;
    }

    private static Source<ByteString, ?> chunked(List<String> lines, int size) {
        ByteString body = ByteString.fromString(String.join("\n", lines));
        List<ByteString> chunks = new ArrayList<>();
        for (ByteString rest = body; rest.nonEmpty(); rest = rest.drop(size)) {
            chunks.add(rest.take(size));
        }
        return Source.from(chunks);
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw e;
        }
    }
}
