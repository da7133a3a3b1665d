package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "a thread has a niceness of its own on Linux alone")
class BackgroundThreadTest {
    private static final Path THIS_THREAD = Path.of("/proc/thread-self/stat");

    /** In what follows the name of a thread in /proc, see proc(5). */
    private static final int NICENESS = 16;

    @Test
    void givesWayAndLeavesOtherThreadsAlone() throws Exception {
        assertEquals(BackgroundThread.NICE, inBackground(() -> niceness(THIS_THREAD)));
        assertNotEquals(BackgroundThread.NICE, niceness(THIS_THREAD));
    }

    @Test
    void soDoesWhatItBegins() throws Exception {
        FutureTask<Integer> thread = new FutureTask<>(() -> niceness(THIS_THREAD));
        inBackground(() -> {
            new Thread(thread).start();
            return 0;
        });
        assertEquals(BackgroundThread.NICE, thread.get());
        Process child = inBackground(() -> new ProcessBuilder("sleep", "60").start());
        try {
            assertEquals(BackgroundThread.NICE, niceness(Path.of("/proc", String.valueOf(child.pid()), "stat")));
        } finally {
            child.destroyForcibly();
        }
    }

    private static <T> T inBackground(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        BackgroundThread.start("background", task);
        return task.get();
    }

    private static int niceness(Path stat) throws Exception {
        String text = Files.readString(stat);
        return Integer.parseInt(text.substring(text.lastIndexOf(')') + 2).split(" ", -1)[NICENESS]);
    }
}
