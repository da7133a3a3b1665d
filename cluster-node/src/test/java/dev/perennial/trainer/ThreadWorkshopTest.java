package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.Await;
import dev.perennial.learning.BaseModel;
import dev.perennial.protocols.Progress;
import dev.perennial.trainer.Training.NanoClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real threads that stand still between two steps, as one does that hangs in a native call. */
class ThreadWorkshopTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static BaseModel base;

    @TempDir
    Path directory;

    private final NanoClock clock = new NanoClock();

    @BeforeAll
    static void open() {
        base = BaseModel.open(Path.of("src/main/resources/base"));
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @Test
    void endsAJobWhoseThreadHangsAndIsUsableAgainWhenTheThreadIs() throws Exception {
        Training training = new Training(base, directory.resolve("work"));
        Workshop threads = training.threads(Duration.ofDays(1), clock);
        CountDownLatch release = new CountDownLatch(1);
        for (int hanging = 1; hanging <= ThreadWorkshop.MOST_ABANDONED; hanging++) {
            assertTrue(threads.isUsable());
            CountDownLatch reached = new CountDownLatch(1);
            TrainingJob job = training.job(standing(threads, reached, release));
            CompletableFuture<?> end = job.start().toCompletableFuture();
            reached.await();
            clock.pass(100);
            assertTrue(job.silence().compareTo(Duration.ofSeconds(100)) >= 0, () -> "" + job.silence());
            job.abandon("hung");
            Throwable cause = assertThrows(CompletionException.class, end::join).getCause();
            assertEquals("hung", cause == null ? "" : cause.getMessage());
        }
        assertFalse(threads.isUsable());
        release.countDown();
        Await.until("the threads have ended", LIMIT, threads::isUsable);
        training.job(threads).start().toCompletableFuture().join();
        assertEquals(1, training.candidates.size());
    }

    @Test
    void anErrorEndsTheUpdateAlone() {
        Training training = new Training(base, directory.resolve("work"));
        Workshop threads = training.threads(Duration.ofDays(1), clock);
        Workshop failing = watching(threads, progress -> {
            throw new OutOfMemoryError("of the test");
        });
        CompletableFuture<?> end = training.job(failing).start().toCompletableFuture();
        Throwable failure = assertThrows(CompletionException.class, end::join);
        assertInstanceOf(OutOfMemoryError.class, Patience.cause(failure));
        training.job(threads).start().toCompletableFuture().join();
    }

    private static Workshop standing(Workshop threads, CountDownLatch reached, CountDownLatch release) {
        return watching(threads, progress -> {
            if (progress.step() == 1) {
                reached.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
    }

    private interface Watcher {
        void see(Progress progress);
    }

    private static Workshop watching(Workshop threads, Watcher watcher) {
        return new Workshop() {
            @Override
            public Running begin(Work work, Listener listener) {
                return threads.begin(work, new Listener() {
                    @Override
                    public void progress(Progress progress) {
                        listener.progress(progress);
                        watcher.see(progress);
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
        };
    }
}
