package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Sends POSIX signals that Java has no call for, by process id. */
final class Signals {
    private static final int SECONDS = 10;

    private Signals() {}

    /** @param name as kill(1) takes it, as in {@code -STOP} */
    static void send(String name, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", name, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!kill.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new SimulationException("kill " + name + " " + pid + " did not end");
            }
        } catch (IOException e) {
            throw new SimulationException("cannot run kill: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException("interrupted while a signal was sent: " + e);
        }
    }
}
