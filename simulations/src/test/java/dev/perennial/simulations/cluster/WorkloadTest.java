package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkloadTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private List<String> deathsOf(Workload.Work work) throws Exception {
        try (History history = History.in(directory.resolve("history.jsonl"))) {
            RunContext run = RunContext.begin(1, List.of(), history);
            Workload workload = new Workload(run, 1, 1, 1, 0);
            CountDownLatch begun = new CountDownLatch(1);
            workload.begin("worker", () -> {
                begun.countDown();
                work.run();
            });
            begun.await();
            workload.stop(LIMIT);
            return List.copyOf(run.deaths());
        }
    }

    @Test
    void tellsOfAWorkerThatDied() throws Exception {
        assertEquals(List.of("worker died: java.lang.IllegalStateException: odd"), deathsOf(() -> {
            throw new IllegalStateException("odd");
        }));
        assertEquals(List.of("worker died: java.lang.AssertionError: odd"), deathsOf(() -> {
            throw new AssertionError("odd");
        }));
    }

    @Test
    void aWorkerThatEndsWithTheRunDidNotDie() throws Exception {
        assertEquals(List.of(), deathsOf(() -> {}));
    }

    @Test
    void aWorkerThatHasToBeInterruptedDidNotDie() throws Exception {
        try (History history = History.in(directory.resolve("history.jsonl"))) {
            RunContext run = RunContext.begin(1, List.of(), history);
            Workload workload = new Workload(run, 1, 1, 1, 0);
            workload.begin("worker", () -> new CountDownLatch(1).await());
            workload.stop(Duration.ofMillis(1));
            assertEquals(List.of(), List.copyOf(run.deaths()));
        }
    }
}
