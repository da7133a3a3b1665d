package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A thread of another JVM stands still and goes on. */
class HungThreadTest {
    private static final String NAME = "ticking";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int STILL_MILLIS = 500;

    /** Prints a line every few milliseconds. */
    static final class Ticking {
        private Ticking() {}

        public static void main(String[] arguments) throws InterruptedException {
            Thread thread = new Thread(
                    () -> {
                        while (true) {
                            System.out.println("tick");
                            LockSupport.parkNanos(5_000_000);
                        }
                    },
                    NAME + "-1");
            thread.start();
            thread.join();
        }
    }

    @Test
    void hangsTheThreadsOfANameUntilItIsClosed() throws Exception {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port,
                        "-cp",
                        Path.of("target/test-classes").toString(),
                        Ticking.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            AtomicInteger ticks = counted(process);
            awaitMore(ticks, 0);
            try (HungThread hung = HungThread.suspend(port, NAME, Deadline.in(LIMIT))) {
                assertEquals(1, hung.count());
                Thread.sleep(STILL_MILLIS);
                int then = ticks.get();
                Thread.sleep(STILL_MILLIS);
                assertEquals(then, ticks.get());
            }
            awaitMore(ticks, ticks.get());
            try (HungThread none = HungThread.suspend(port, "nobody", Deadline.in(Duration.ofMillis(100)))) {
                assertEquals(0, none.count());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static AtomicInteger counted(Process process) {
        AtomicInteger ticks = new AtomicInteger();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals("tick")) {
                        ticks.incrementAndGet();
                    }
                }
            } catch (IOException e) {
                // the process is gone
            }
        });
        reader.setDaemon(true);
        reader.start();
        return ticks;
    }

    private static void awaitMore(AtomicInteger ticks, int than) throws InterruptedException {
        Deadline end = Deadline.in(LIMIT);
        while (ticks.get() <= than) {
            if (end.isOver()) {
                throw new AssertionError("it does not tick");
            }
            Thread.sleep(5);
        }
    }
}
