package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Everything that was done in a run, a JSON object a line, in the order in which it ended. Thread-safe. */
final class History implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter out;
    private boolean closed;

    private History(BufferedWriter out) {
        this.out = out;
    }

    static History in(Path file) {
        try {
            return new History(Files.newBufferedWriter(file));
        } catch (IOException e) {
            throw new SimulationException("cannot write " + file + ": " + e.getMessage());
        }
    }

    /** @param status of HTTP; 0 where there was no answer */
    void request(String worker, String what, int node, int status, Instant asked, Duration took) {
        Map<String, Object> line = line("request", asked);
        line.put("worker", worker);
        line.put("what", what);
        line.put("node", node);
        line.put("status", status);
        line.put("ms", took.toMillis());
        write(line);
    }

    /** Of a fault, or of the cluster. */
    void event(String what) {
        Map<String, Object> line = line("event", Instant.now());
        line.put("what", what);
        write(line);
    }

    private static Map<String, Object> line(String kind, Instant at) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", kind);
        line.put("at", at.toString());
        return line;
    }

    private synchronized void write(Map<String, Object> line) {
        if (closed) {
            return;
        }
        try {
            out.write(JSON.writeValueAsString(line));
            out.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
