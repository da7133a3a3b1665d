package dev.perennial;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program as a user starts it, {@code java -jar target/perennial.jar}, in a process of its own. */
final class NodeProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Path JAR = Path.of("target", "perennial.jar").toAbsolutePath();

    private final Process process;
    private final Path log;
    private final URI address;

    private NodeProcess(Process process, Path log, URI address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** What a process that ended by itself left. */
    record Ended(int status, String output) {}

    /** A node on a free port that is ready to answer. */
    static NodeProcess start(Path data) throws Exception {
        return begin(data).awaitReady();
    }

    /** A node on a free port that has only begun to start. */
    static NodeProcess begin(Path data, String... more) throws IOException {
        int port = freePort();
        List<String> arguments =
                new ArrayList<>(List.of("serve", "--data", data.toString(), "--port", Integer.toString(port)));
        arguments.addAll(Arrays.asList(more));
        return launch(JAR.toString(), port, arguments.toArray(String[]::new));
    }

    /** A node of another build: these classes, and those of the jar which they do not replace. */
    static NodeProcess begin(Path classes, Path data, Path config) throws IOException {
        int port = freePort();
        return launch(
                classes + java.io.File.pathSeparator + JAR,
                port,
                "serve",
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port),
                "--config",
                config.toString());
    }

    NodeProcess awaitReady() throws Exception {
        try {
            Await.until("the node is ready", START, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("the node ended with status " + process.exitValue());
                }
                return answersReady();
            });
            return this;
        } catch (Exception | AssertionError e) {
            kill();
            throw new AssertionError(e.getMessage() + "; its output:\n" + output(), e);
        }
    }

    /** Runs the program to its end. */
    static Ended run(String... arguments) throws Exception {
        NodeProcess node = launch(JAR.toString(), 0, arguments);
        if (!node.process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
            node.kill();
            throw new AssertionError("still running after " + START + "; its output:\n" + node.output());
        }
        return new Ended(node.process.exitValue(), node.output());
    }

    private static NodeProcess launch(String classPath, int port, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A node of a test lives too briefly to gain from the optimising compiler what it costs.
        command.add("-XX:TieredStopAtLevel=1");
        // What -jar does, but for the classes of another build before those of the jar.
        command.addAll(List.of("-cp", classPath, "dev.perennial.Main"));
        command.addAll(Arrays.asList(arguments));
        Path log = Files.createTempFile("perennial-node-", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new NodeProcess(process, log, URI.create("http://127.0.0.1:" + port));
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    boolean answersReady() {
        try {
            return client().get("/ready").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    NodeClient client() {
        return new NodeClient(address);
    }

    URI address() {
        return address;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The database that the node started. */
    ProcessHandle database() {
        return process.children()
                .findFirst()
                .orElseThrow(() -> new AssertionError("the node has no child process; its output:\n" + output()));
    }

    /** All that the process wrote to either stream. */
    String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "(unreadable: " + e + ")";
        }
    }

    /** SIGTERM; the node stops in its own time. */
    void terminate() {
        process.destroy();
    }

    /** @param name as {@code kill} knows it */
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " answered " + kill.exitValue());
        }
    }

    int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + limit + "; its output:\n" + output());
        }
        return process.exitValue();
    }

    /** SIGKILL, and the wait for it. The database follows by itself. */
    void kill() {
        process.destroyForcibly().onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.deleteIfExists(log);
    }
}
