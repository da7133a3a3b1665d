package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    /** A node without a configuration, which ends at once and says which file it missed. */
    private NodeProcess ending() {
        return new NodeProcess(
                NodeAddress.pick(1, new SplittableRandom()).get(0),
                directory.resolve("missing.conf"),
                directory.resolve("classes.jsa"),
                log(),
                64,
                false);
    }

    private Path log() {
        return directory.resolve("node.log");
    }

    private long starts() {
        try {
            return Files.exists(log())
                    ? Files.readAllLines(log()).stream()
                            .filter(line -> line.contains("missing.conf"))
                            .count()
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void startsANodeAgainEachTimeThatItHasEnded() throws Exception {
        Deadline end = Deadline.in(LIMIT);
        try (History history = History.in(directory.resolve("history.jsonl"));
                NodeProcess node = ending()) {
            assertTrue(Supervisor.attend(node, () -> starts() >= 2 || end.isOver(), history) >= 2);
        }
        assertTrue(starts() >= 2, () -> starts() + " starts");
        assertTrue(Files.readString(directory.resolve("history.jsonl")).contains("node 0 has ended by itself"));
    }

    @Test
    void startsNothingOnceItsTimeIsOver() throws Exception {
        try (History history = History.in(directory.resolve("history.jsonl"));
                NodeProcess node = ending()) {
            assertEquals(0, Supervisor.attend(node, () -> true, history));
        }
        assertEquals(0, starts());
    }
}
