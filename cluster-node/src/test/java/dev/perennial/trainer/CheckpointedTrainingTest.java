package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.BaseModel;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.Progress;
import dev.perennial.trainer.Training.NanoClock;
import dev.perennial.trainer.TrainingJob.HandedBack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real updates that are interrupted, and what goes on from their checkpoints. */
class CheckpointedTrainingTest {
    private static BaseModel base;

    @TempDir
    Path directory;

    private Training training;
    private final NanoClock clock = new NanoClock();

    @BeforeAll
    static void open() {
        base = BaseModel.open(Path.of("src/main/resources/base"));
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @BeforeEach
    void begin() {
        training = new Training(base, directory.resolve("work"));
    }

    @Test
    void goesOnElsewhereToTheSameBytes() {
        run(Duration.ofDays(1));
        assertEquals(List.of(), training.checkpoints);
        String uninterrupted = artifact();
        assertEquals(Optional.empty(), candidate().manifest().resumedAt());

        HandedBack back = assertInstanceOf(HandedBack.class, pausedAtStep(2));
        assertEquals("paused at step 3", back.getMessage());
        assertEquals(3, latest().step());
        assertEquals(training.token.get(), latest().token());

        List<Integer> seen = new CopyOnWriteArrayList<>();
        run(Duration.ofDays(1), (job, progress) -> {
            if (progress.phase().equals("training")) {
                seen.add(progress.step());
            }
        });
        assertEquals(List.of(4), seen);
        assertEquals(uninterrupted, artifact());
        assertEquals(Optional.of(3), candidate().manifest().resumedAt());
    }

    @Test
    void goesOnFromTheLatestCheckpointOfATrainerThatDied() {
        run(Duration.ofDays(1));
        String uninterrupted = artifact();
        Throwable died = failure(Duration.ZERO, (job, progress) -> {
            if (progress.step() == 3) {
                job.cancel();
            }
        });
        assertInstanceOf(CancellationException.class, died);
        assertTrue(latest().step() >= 2, () -> "checkpoints at " + Training.steps(training.checkpoints));
        run(Duration.ofDays(1));
        assertEquals(uninterrupted, artifact());
    }

    @Test
    void beginsAgainWhereTheCheckpointIsOfOtherData() {
        pausedAtStep(2);
        training.train = List.of("Mira Castell");
        run(Duration.ofDays(1));
        String resumed = artifact();
        assertEquals(Optional.empty(), candidate().manifest().resumedAt());
        training.checkpoints.clear();
        run(Duration.ofDays(1));
        assertEquals(artifact(), resumed);
    }

    @Test
    void beginsAgainWhereTheCheckpointIsDamagedOrGone() {
        run(Duration.ofDays(1));
        String uninterrupted = artifact();
        pausedAtStep(2);
        training.artifacts.put(latest().artifact(), new byte[] {1, 2, 3});
        run(Duration.ofDays(1));
        assertEquals(uninterrupted, artifact());
        training.artifacts.remove(latest().artifact());
        run(Duration.ofDays(1));
        assertEquals(uninterrupted, artifact());
    }

    @Test
    void endsWhereItsCheckpointIsRefusedAndLeavesNothing() {
        Throwable end = failure(Duration.ZERO, (job, progress) -> {
            if (progress.phase().equals("selecting")) {
                training.token.incrementAndGet();
            }
        });
        assertInstanceOf(CancellationException.class, end);
        assertEquals(List.of(), training.checkpoints);
        assertFalse(training.removed.isEmpty());
        assertEquals(0, training.artifacts.size());
        assertEquals(List.of(), training.candidates);
    }

    @Test
    void namesNoTwoCheckpointsAlike() {
        pausedAtStep(1);
        String first = latest().artifact();
        training.checkpoints.clear();
        pausedAtStep(1);
        assertNotEquals(first, latest().artifact());
    }

    @Test
    void anOutageCostsNothingButTime() {
        run(Duration.ofDays(1));
        String uninterrupted = artifact();
        training.away.set(10);
        run(Duration.ZERO, (job, progress) -> {
            if (progress.phase().equals("storing")) {
                training.away.set(10);
            }
        });
        assertEquals(uninterrupted, artifact());
        assertEquals(2, training.candidates.size());
    }

    @Test
    void handsTheLeaseBackWhereAnOutageLastsTooLong() {
        training.away.set(Integer.MAX_VALUE);
        HandedBack back = assertInstanceOf(HandedBack.class, failure(Duration.ZERO, (job, progress) -> {}));
        assertEquals("gave up waiting for what is away: no answer", back.getMessage());
    }

    @Test
    void leavesNoFiles() throws Exception {
        run(Duration.ZERO);
        try (var files = Files.list(directory.resolve("work"))) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** Asked to pause when this step is done, so that the next one is the last. */
    private Throwable pausedAtStep(int step) {
        return failure(Duration.ofDays(1), (job, progress) -> {
            if (progress.step() == step) {
                job.pause();
            }
        });
    }

    private void run(Duration checkpointInterval) {
        run(checkpointInterval, (job, progress) -> {});
    }

    private void run(Duration checkpointInterval, BiConsumer<TrainingJob, Progress> watcher) {
        start(checkpointInterval, watcher).start().toCompletableFuture().join();
    }

    private Throwable failure(Duration checkpointInterval, BiConsumer<TrainingJob, Progress> watcher) {
        TrainingJob job = start(checkpointInterval, watcher);
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> job.start().toCompletableFuture().join());
        return Patience.cause(failure);
    }

    /** Has the progress of the update seen before anything else happens. */
    private TrainingJob start(Duration checkpointInterval, BiConsumer<TrainingJob, Progress> watcher) {
        Workshop threads = training.threads(checkpointInterval, clock);
        TrainingJob[] job = new TrainingJob[1];
        job[0] = training.job(new Workshop() {
            @Override
            public Running begin(Work work, Listener listener) {
                return threads.begin(work, new Listener() {
                    @Override
                    public void progress(Progress progress) {
                        listener.progress(progress);
                        watcher.accept(job[0], progress);
                    }

                    @Override
                    public void checkpoint(Path file, int step) {
                        listener.checkpoint(file, step);
                    }
                });
            }

            @Override
            public boolean isUsable() {
                return threads.isUsable();
            }
        });
        return job[0];
    }

    private Candidate candidate() {
        return training.candidates.get(training.candidates.size() - 1);
    }

    private String artifact() {
        return candidate().artifact();
    }

    private Checkpoint latest() {
        return training.checkpoints.get(training.checkpoints.size() - 1);
    }
}
