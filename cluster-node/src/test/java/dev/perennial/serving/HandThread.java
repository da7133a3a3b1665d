package dev.perennial.serving;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** A thread that runs a task when the test says so. */
final class HandThread implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    int waiting() {
        return tasks.size();
    }

    /** Runs what waits now, and nothing that comes of it. */
    void round() {
        for (int count = tasks.size(); count > 0; count--) {
            tasks.remove().run();
        }
    }

    void runUntilItRests() {
        while (waiting() > 0) {
            round();
        }
    }
}
