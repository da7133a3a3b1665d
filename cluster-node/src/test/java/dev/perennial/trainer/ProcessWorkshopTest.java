package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.Await;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.protocols.Progress;
import dev.perennial.trainer.TrainingJob.HandedBack;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that train, and that really crash. */
class ProcessWorkshopTest {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static BaseModel base;

    @TempDir
    Path directory;

    private Training training;

    @BeforeAll
    static void open() {
        base = BaseModel.open(BASE);
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
    void aKilledProcessCostsOneAttemptAndTheNextGoesOnToTheSameBytes() throws Exception {
        training.job(training.threads(Duration.ofDays(1), System::nanoTime))
                .start()
                .toCompletableFuture()
                .join();
        String inThisProcess = artifact();

        // Stopped between two steps, so that it cannot end before it is killed.
        Workshop.Running[] running = new Workshop.Running[1];
        TrainingJob job = training.job(watched(processes(List.of(), Duration.ZERO), running, progress -> {
            if (progress.step() == 3) {
                signal("STOP");
            }
        }));
        CompletableFuture<?> end = job.start().toCompletableFuture();
        Await.until(
                "a checkpoint is taken",
                LIMIT,
                () -> training.checkpoints.stream().anyMatch(checkpoint -> checkpoint.step() >= 2));
        Await.until("the process stands still", LIMIT, () -> job.progress().step() == 3);
        signal("SEGV");
        signal("CONT");
        String cause = failure(end).getMessage();
        // A JVM that has written its crash report and leaves no core file exits with 1.
        assertTrue(String.valueOf(cause).startsWith("the training process ended with status 1; "), cause);
        assertTrue(String.valueOf(cause).contains("SIGSEGV"), cause);

        training.job(processes(List.of(), Duration.ofDays(1)))
                .start()
                .toCompletableFuture()
                .join();
        assertEquals(inThisProcess, artifact());
    }

    /** As Ctrl-C and a service manager send it to every process of a node: the node alone acts on it. */
    @Test
    void leavesTheEndToItsNode() throws Exception {
        Workshop.Running[] running = new Workshop.Running[1];
        TrainingJob job = training.job(watched(processes(List.of(), Duration.ofDays(1)), running, progress -> {
            if (progress.step() == 1) {
                signal("INT");
                signal("TERM");
            }
        }));
        job.start().toCompletableFuture().join();
        assertTrue(!artifact().isEmpty());
        Await.until("it is gone", LIMIT, () -> child().isEmpty());
    }

    @Test
    void saysWhyAProcessAborted() {
        // Less memory than the base needs, of which this JVM makes a crash.
        TrainingJob job = training.job(
                processes(List.of("-Xmx6m", "-XX:+CrashOnOutOfMemoryError", "-Xshare:auto"), Duration.ofDays(1)));
        Throwable failure = failure(job.start().toCompletableFuture());
        assertInstanceOf(LearningException.class, failure);
        assertTrue(
                String.valueOf(failure.getMessage())
                        .matches("(?s)the training process ended with status 1; .*OutOfMemory.*"),
                failure.getMessage());
        training.checkpoints.clear();
    }

    @Test
    void pausesAndIsAbandonedAsAThreadIs() throws Exception {
        TrainingJob[] job = new TrainingJob[1];
        Workshop.Running[] running = new Workshop.Running[1];
        job[0] = training.job(watched(processes(List.of(), Duration.ofDays(1)), running, progress -> {
            if (progress.step() == 1) {
                job[0].pause();
            }
        }));
        HandedBack back =
                assertInstanceOf(HandedBack.class, failure(job[0].start().toCompletableFuture()));
        int step = training.checkpoints.get(training.checkpoints.size() - 1).step();
        assertEquals("paused at step " + step, back.getMessage());

        job[0] = training.job(watched(processes(List.of(), Duration.ofDays(1)), running, progress -> {
            if (progress.phase().equals("training")) {
                signal("STOP");
            }
        }));
        CompletableFuture<?> end = job[0].start().toCompletableFuture();
        Await.until("the process stands still", LIMIT, () -> job[0].progress().step() > 0);
        Await.until("its silence is noticed", LIMIT, () -> job[0].silence().compareTo(Duration.ofSeconds(3)) > 0);
        job[0].abandon("hung");
        assertEquals("hung", failure(end).getMessage());
        Await.until("it is gone", LIMIT, () -> child().isEmpty());
    }

    /** Of this test, however it was started. */
    private static String classPath() {
        if (ProcessWorkshopTest.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs()).map(URL::getPath).collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private Workshop processes(List<String> jvmOptions, Duration checkpointInterval) {
        return new ProcessWorkshop(
                base,
                new ProcessWorkshop.Program(classPath(), jvmOptions, BASE, "cpu", 1),
                checkpointInterval,
                System::nanoTime);
    }

    private static Workshop watched(Workshop workshop, Workshop.Running[] running, Consumer<Progress> watcher) {
        return new Workshop() {
            @Override
            public Running begin(Work work, Listener listener) {
                running[0] = workshop.begin(work, new Listener() {
                    @Override
                    public void progress(Progress progress) {
                        // Before the job knows of it, so that a test that waits for that finds the signal sent.
                        watcher.accept(progress);
                        listener.progress(progress);
                    }

                    @Override
                    public void checkpoint(Path file, int step) {
                        listener.checkpoint(file, step);
                    }
                });
                return running[0];
            }

            @Override
            public boolean isUsable() {
                return workshop.isUsable();
            }
        };
    }

    private static Optional<ProcessHandle> child() {
        return ProcessHandle.current()
                .children()
                // Its whole command line is longer than the system tells.
                .filter(process -> process.info()
                        .command()
                        .filter(program -> program.endsWith("java"))
                        .isPresent())
                .findFirst();
    }

    private static void signal(String name) {
        long pid = child().orElseThrow().pid();
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
            assertTrue(kill.waitFor(10, TimeUnit.SECONDS));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Throwable failure(CompletableFuture<?> end) {
        return Patience.cause(assertThrows(CompletionException.class, end::join));
    }

    private String artifact() {
        return training.candidates.get(training.candidates.size() - 1).artifact();
    }
}
