package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files that {@code make_reference.py} wrote, and what is done with them in several tests. */
final class References {
    static final Path DIRECTORY = Path.of("src/test/resources/reference");
    static final Path UNTIED = DIRECTORY.resolve("untied");
    static final Path TIED = DIRECTORY.resolve("tied");
    static final Path ADAPTER = DIRECTORY.resolve("adapter");
    static final Path ARCHITECTURES = DIRECTORY.resolve("architectures");
    /** A fixed place for written adapters, which {@code make_reference.py --check} reads with PEFT. */
    static final Path PEFT_CHECK = Path.of("target/peft-check");

    static final Path EMBEDDED = Path.of("src/main/resources/base");
    static final ObjectMapper JSON = new ObjectMapper();

    private References() {}

    static JsonNode values() throws IOException {
        return values(DIRECTORY);
    }

    static JsonNode values(Path directory) throws IOException {
        return JSON.readTree(Files.readAllBytes(directory.resolve("values.json")));
    }

    static float[] floats(Map<String, Safetensors.Tensor> tensors, String name) {
        Safetensors.Tensor tensor = Objects.requireNonNull(tensors.get(name), name);
        float[] values = new float[(int) tensor.elements()];
        tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /** The reference's batch, completions learned. */
    static List<Sequence> batch() throws IOException {
        List<Sequence> batch = new ArrayList<>();
        for (JsonNode row : values().path("batch")) {
            batch.add(
                    new Sequence(ints(row.path("ids")), row.path("learnedFrom").asInt(), true));
        }
        return batch;
    }

    /** A batch of which the values tell token by token what is learned. */
    static List<Sequence> batch(JsonNode values) {
        List<Sequence> batch = new ArrayList<>();
        for (JsonNode row : values.path("batch")) {
            int[] learned = ints(row.path("mask"));
            boolean[] mask = new boolean[learned.length];
            for (int t = 0; t < mask.length; t++) {
                mask[t] = learned[t] == 1;
            }
            batch.add(new Sequence(ints(row.path("ids")), mask, true));
        }
        return batch;
    }

    static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }

    /** [T * V] logits after each token. */
    static float[] logits(BaseModel base, Adapter adapter, int[] ids) {
        Batch batch = Batch.of(List.of(new Sequence(ids, 1, false)), 0);
        long[] rows = new long[ids.length];
        for (int t = 0; t < rows.length; t++) {
            rows[t] = t;
        }
        try (NDManager scope = base.scope()) {
            NDList arguments = batch.input(scope);
            arguments.set(arguments.size() - 1, scope.create(rows));
            arguments.addAll(base.arguments(adapter));
            return base.script().infer("logits", arguments).get(0).toFloatArray();
        }
    }

    /** What one row writes in a decoder with room for so many, a chunk a call. */
    static List<Decoder.Token> write(
            BaseModel base, int capacity, Adapter adapter, int[] prompt, Decoder.Settings settings, int chunk) {
        List<Decoder.Token> all = new ArrayList<>();
        try (Decoder decoder = new Decoder(base, capacity);
                Decoder.Row row = decoder.admit(adapter, prompt, settings)) {
            while (!row.ended()) {
                decoder.advance(chunk);
                all.addAll(row.take());
            }
        }
        return all;
    }

    static int[] write(BaseModel base, Adapter adapter, int[] prompt, Decoder.Settings settings, int chunk) {
        return write(base, 1, adapter, prompt, settings, chunk).stream()
                .mapToInt(Decoder.Token::id)
                .toArray();
    }

    /** Largest difference of two arrays. */
    static double difference(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) expected[i] - actual[i]);
            largest = difference <= largest ? largest : difference;
        }
        return largest;
    }

    /** Prints how far off something is, either way, and fails where that is too far. */
    static void within(String what, double off, double tolerance) {
        System.out.printf("%s: off by %.2e, allowed %.0e%n", what, Math.abs(off), tolerance);
        assertTrue(Math.abs(off) <= tolerance, what + " is off by " + off);
    }

    static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** A copy of a directory of files that a test may spoil. */
    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
        return to;
    }

    /** Sets one field of a JSON file; a value of null takes it away. */
    static void edit(Path file, String key, @Nullable Object value) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
        if (value == null) {
            root.remove(key);
        } else {
            root.set(key, JSON.valueToTree(value));
        }
        Files.write(file, JSON.writeValueAsBytes(root));
    }

    static String message(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }
}
