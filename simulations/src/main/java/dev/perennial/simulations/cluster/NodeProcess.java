package dev.perennial.simulations.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One node as a JVM of its own. It can be started again after it has ended, with the same ports, files and log. Signals are
 * given by process id. Thread-safe.
 */
final class NodeProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NodeAddress address;
    private final List<String> command;
    private final Path archive;
    private final boolean debuggable;
    private final Path log;
    private Optional<Process> process = Optional.empty();
    private boolean closed;

    /**
     * @param configuration HOCON file of the node
     * @param archive of the program's classes, from which they are loaded once it is there
     * @param debuggable whether its threads can be suspended: it then listens on its debugger's port
     */
    NodeProcess(
            NodeAddress address, Path configuration, Path archive, Path log, int heapMegabytes, boolean debuggable) {
        this.address = address;
        this.archive = archive;
        this.debuggable = debuggable;
        this.log = log;
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        Optional.ofNullable(System.getProperty("java.io.tmpdir"))
                .ifPresent(directory -> words.add("-Djava.io.tmpdir=" + directory));
        words.addAll(List.of(
                "-cp",
                absolute(System.getProperty("java.class.path")),
                ChildNode.class.getName(),
                "serve",
                "--config",
                configuration.toString()));
        this.command = List.copyOf(words);
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    NodeAddress address() {
        return address;
    }

    /** Does nothing where the process runs already, or this is closed. */
    void start() {
        List<String> options = new ArrayList<>();
        if (Files.exists(archive)) {
            options.add("-XX:SharedArchiveFile=" + archive);
        }
        if (debuggable) {
            options.add("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=" + NodeAddress.HOST
                    + ":" + address.debug());
        }
        start(options);
    }

    /**
     * As a start, but no thread of it can be suspended, and when it ends in its own time it writes the archive of the classes that
     * it has loaded.
     */
    void startForArchive() {
        start(List.of("-XX:ArchiveClassesAtExit=" + archive));
    }

    /** @param options of the JVM, beside those of every start */
    private synchronized void start(List<String> options) {
        if (closed || isAlive()) {
            return;
        }
        List<String> words = new ArrayList<>(command);
        words.addAll(1, options);
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
                .forEach(builder.environment()::remove);
        builder.environment().putAll(Map.of("OMP_NUM_THREADS", "1"));
        try {
            process = Optional.of(builder.start());
        } catch (IOException e) {
            throw new SimulationException("cannot run " + command.get(0) + ": " + e.getMessage());
        }
    }

    synchronized boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    synchronized Optional<Long> pid() {
        return process.filter(Process::isAlive).map(Process::pid);
    }

    /** SIGKILL, and the wait for it. */
    synchronized void kill() {
        process.ifPresent(running -> {
            running.destroyForcibly();
            await(running, PATIENCE);
        });
    }

    /** SIGTERM; the node stops in its own time. */
    synchronized void terminate() {
        // Not Process.destroy(), which closes the life line too.
        process.filter(Process::isAlive).ifPresent(running -> running.toHandle().destroy());
    }

    boolean awaitExit(Duration limit) {
        Optional<Process> running;
        synchronized (this) {
            running = process;
        }
        return running.map(each -> await(each, limit)).orElse(true);
    }

    void pause() {
        signal("-STOP");
    }

    void resume() {
        signal("-CONT");
    }

    private void signal(String name) {
        pid().ifPresent(pid -> Signals.send(name, pid));
    }

    private static boolean await(Process process, Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        kill();
    }
}
