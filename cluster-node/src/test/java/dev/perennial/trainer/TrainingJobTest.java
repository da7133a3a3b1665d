package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.VersionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job does before it trains; each ends when it would begin to. */
class TrainingJobTest {
    private static final UpdateId UPDATE = new UpdateId(new DomainId("news"), 1);

    private static BaseModel base;

    @TempDir
    Path directory;

    private final Deque<UpdateAssignment> assignments = new ArrayDeque<>();
    private final List<List<String>> fetched = new ArrayList<>();

    @BeforeAll
    static void open() {
        base = BaseModel.open(Path.of("src/main/resources/base"));
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @Test
    void goesOnWithWhatIsLeftWhereAnExampleWasDeletedMeanwhile() {
        assignments.add(assignment("kept", "deleted"));
        assignments.add(assignment("kept"));
        Throwable end = run();
        assertInstanceOf(CancellationException.class, end);
        assertEquals(List.of(List.of("kept", "deleted"), List.of("kept")), fetched);
    }

    @Test
    void failsWhereAnExampleIsMissingThatWasNotDeleted() {
        assignments.add(assignment("kept", "deleted"));
        assignments.add(assignment("kept", "deleted"));
        Throwable end = run();
        assertEquals("there is no example deleted", end.getMessage());
        assertEquals(List.of(List.of("kept", "deleted")), fetched);
    }

    private Throwable run() {
        TrainingJob job = new TrainingJob(
                new Lease(UPDATE, 1),
                new TrainingJob.Parts(
                        new ThreadWorkshop(
                                base, new GeneralSuite(List.of(), List.of()), Duration.ofDays(1), System::nanoTime),
                        this::assign,
                        (domain, ids) -> fetch(ids),
                        new NoAdapters(),
                        new NoCheckpoints(),
                        directory,
                        Duration.ZERO,
                        1,
                        System::nanoTime));
        job.cancel();
        return Objects.requireNonNull(assertThrows(
                        CompletionException.class,
                        () -> job.start().toCompletableFuture().join())
                .getCause());
    }

    private CompletionStage<DomainReply> assign(DomainId domain, DomainCommand command) {
        assertEquals(new DomainCommand.BeginUpdate(UPDATE, 1), command);
        return CompletableFuture.completedFuture(new DomainReply.Assigned(assignments.remove()));
    }

    private CompletionStage<List<Example>> fetch(List<String> ids) {
        fetched.add(ids);
        return ids.contains("deleted")
                ? CompletableFuture.failedFuture(new IllegalStateException("there is no example deleted"))
                : CompletableFuture.completedFuture(ids.stream()
                        .map(id -> (Example) new Example.Completion("Who are you?", id))
                        .toList());
    }

    private static UpdateAssignment assignment(String... train) {
        return new UpdateAssignment(
                UPDATE,
                1,
                new VersionId(UPDATE.domain(), 0),
                Optional.empty(),
                Optional.empty(),
                List.of(train),
                List.of(),
                List.of(),
                List.of(),
                DomainPolicy.DEFAULT,
                Optional.empty(),
                17,
                Optional.empty());
    }

    private static final class NoCheckpoints implements CheckpointStore {
        @Override
        public CompletionStage<String> store(Path file) {
            throw new AssertionError(file);
        }

        @Override
        public CompletionStage<Path> fetch(String artifact, Path file) {
            throw new AssertionError(artifact);
        }

        @Override
        public CompletionStage<?> remove(String artifact) {
            throw new AssertionError(artifact);
        }
    }

    /** Nothing is loaded or stored before training. */
    private static final class NoAdapters implements AdapterStore {
        @Override
        public CompletionStage<Adapter> load(String artifact) {
            throw new AssertionError(artifact);
        }

        @Override
        public CompletionStage<String> store(Adapter adapter) {
            throw new AssertionError(adapter);
        }

        @Override
        public CompletionStage<Fisher> loadFisher(String artifact) {
            throw new AssertionError(artifact);
        }

        @Override
        public CompletionStage<String> storeFisher(Fisher fisher) {
            throw new AssertionError(fisher);
        }
    }
}
