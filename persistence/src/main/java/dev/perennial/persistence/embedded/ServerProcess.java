package dev.perennial.persistence.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One run of the server. Its standard input stays open and unused: see {@link CassandraChild}. Thread-safe. */
final class ServerProcess {
    private static final int TAIL_LINES = 20;
    private static final int LINE_LENGTH = 500;

    private final Process process;
    private final Deque<String> tail = new ArrayDeque<>(); // guarded by itself
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<ServerExit> exited = new CompletableFuture<>();

    private ServerProcess(Process process) {
        this.process = process;
    }

    static ServerProcess launch(List<String> command, Path directory) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        // Options meant for our own JVM, a debugger's port or an agent, must not reach this one.
        List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
                .forEach(builder.environment()::remove);
        ServerProcess server;
        try {
            server = new ServerProcess(builder.start());
        } catch (IOException e) {
            throw new CassandraStartException("cannot run " + command.get(0), e);
        }
        Thread reader = new Thread(server::readOutput, "cassandra-output");
        reader.setDaemon(true);
        reader.start();
        return server;
    }

    long pid() {
        return process.pid();
    }

    /** Completes when the process has ended and all its output was read; never fails. */
    CompletableFuture<ServerExit> exited() {
        return exited;
    }

    /** Returns once clients can connect; on any other outcome the process is gone when this throws. */
    void awaitReady(Duration timeout) throws InterruptedException {
        try {
            CompletableFuture.anyOf(ready, exited).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            exited.join();
            throw new CassandraStartException("Cassandra was not ready within " + timeout.toSeconds() + " s", tail());
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
        if (!ready.isDone()) {
            throw new CassandraStartException(
                    "Cassandra ended while starting, with status "
                            + exited.join().status(),
                    tail());
        }
    }

    /** Asks it to stop, by its life line; then SIGKILL once {@code patience} is over. Returns when the process has ended. */
    void stop(Duration patience) {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            // it has ended already
        }
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        exited.join();
    }

    private void readOutput() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(CassandraChild.READY)) {
                    ready.complete(null);
                }
                remember(line);
            }
        } catch (IOException e) {
            remember("(its output could not be read: " + e + ")");
        }
        int status = process.onExit().join().exitValue();
        exited.complete(new ServerExit(process.pid(), status, tail()));
    }

    private void remember(String line) {
        synchronized (tail) {
            if (tail.size() == TAIL_LINES) {
                tail.removeFirst();
            }
            tail.addLast(line.length() > LINE_LENGTH ? line.substring(0, LINE_LENGTH) + "…" : line);
        }
    }

    private List<String> tail() {
        synchronized (tail) {
            return List.copyOf(tail);
        }
    }
}
