package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters with each of PEFT's options, and merged ones, do what they do in PEFT; see {@code options.py}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeftOptionsTest {
    private static final Path OPTIONS = References.DIRECTORY.resolve("options");
    /** Where make_reference.py --check reads what is written here with PEFT. */
    private static final Path WRITTEN = Path.of("target/peft-check/options");

    private static final double LOGITS = 1e-4;
    private static final double FACTORS = 1e-6;

    private BaseModel base;
    private JsonNode values;
    private Map<String, Safetensors.Tensor> tensors;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.DIRECTORY.resolve("architectures/llama3"));
        values = References.JSON.readTree(Files.readAllBytes(OPTIONS.resolve("values.json")));
        tensors = Safetensors.read(OPTIONS.resolve("values.safetensors"));
    }

    @AfterAll
    void close() {
        base.close();
    }

    List<String> options() {
        List<String> names = new ArrayList<>();
        values.path("options").fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @MethodSource("options")
    void changesTheSameModulesByTheSameFactors(String name) {
        Map<String, List<Double>> expected = new LinkedHashMap<>();
        values.path("options")
                .path(name)
                .fields()
                .forEachRemaining(field -> expected.put(
                        field.getKey(),
                        List.of(
                                field.getValue().path("rank").asDouble(),
                                field.getValue().path("scale").asDouble())));
        Map<String, List<Double>> found = new LinkedHashMap<>();
        AdapterFiles files = AdapterFiles.read(OPTIONS.resolve(name));
        files.modules()
                .forEach((module, factors) ->
                        found.put(module.path(), List.of((double) factors.rank(), files.scale(module))));
        assertEquals(expected, found);
    }

    @ParameterizedTest
    @MethodSource("options")
    void givesTheLogitsBeforeAndAfterItIsWritten(String name) {
        try (Adapter adapter = PeftDirectory.read(base, OPTIONS.resolve(name))) {
            float[] logits = logits(adapter);
            near(name, logits);
            PeftDirectory.write(base, adapter, WRITTEN.resolve(name));
            try (Adapter again = PeftDirectory.read(base, WRITTEN.resolve(name))) {
                assertArrayEquals(logits, logits(again));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"linear", "cat"})
    void mergesToTheSameLogits(String name) {
        AdapterFiles merged = merged(name);
        merged.write(WRITTEN.resolve("merged").resolve(name));
        try (Adapter adapter =
                PeftDirectory.read(base, WRITTEN.resolve("merged").resolve(name))) {
            near("merged/" + name, logits(adapter));
        }
    }

    @ParameterizedTest
    @CsvSource({"linear", "cat"})
    void mergesToTheSameFactors(String name) {
        AdapterFiles expected = AdapterFiles.read(OPTIONS.resolve("merged").resolve(name));
        AdapterFiles merged = merged(name);
        assertEquals(expected.paths(), merged.paths());
        double largest = 0;
        for (var entry : merged.modules().entrySet()) {
            AdapterFiles.Factors theirs = expected.factors(entry.getKey());
            AdapterFiles.Factors ours = entry.getValue();
            largest = Math.max(largest, difference(theirs.down(), ours.down()));
            largest = Math.max(largest, difference(theirs.up(), ours.up()));
        }
        assertTrue(largest <= FACTORS, "off by " + largest);
    }

    /** PEFT fills what a smaller rank leaves over with zeros. */
    private static double difference(Safetensors.Tensor theirs, Safetensors.Tensor ours) {
        int width = (int) ours.shape()[1];
        int theirWidth = (int) theirs.shape()[1];
        float[] padded = new float[(int) theirs.elements()];
        float[] values = ours.floats();
        for (int i = 0; i < values.length; i++) {
            padded[i / width * theirWidth + i % width] = values[i];
        }
        return References.difference(theirs.floats(), padded);
    }

    private AdapterFiles merged(String name) {
        JsonNode recipe = values.path("merged").path(name);
        List<AdapterMerging.Input> inputs = new ArrayList<>();
        for (int i = 0; i < recipe.path("adapters").size(); i++) {
            String adapter = recipe.path("adapters").get(i).asText();
            inputs.add(new AdapterMerging.Input(
                    adapter,
                    AdapterFiles.read(OPTIONS.resolve("merged").resolve(adapter)),
                    recipe.path("weights").get(i).asDouble()));
        }
        return name.equals("cat") ? AdapterMerging.cat(inputs) : AdapterMerging.linear(inputs);
    }

    @ParameterizedTest
    @CsvSource({
        "dora, use_dora",
        "modules-to-save, modules_to_save",
        "bias-all, bias",
        "lora-bias, lora_bias",
        "token-indices, trainable_token_indices",
        "no-module, c_attn",
        "no-layer, [7]",
    })
    void refusesByName(String name, String named) {
        var failure = assertThrows(
                LearningException.class,
                () -> PeftDirectory.read(base, OPTIONS.resolve("refused").resolve(name)));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
    }

    @Test
    void findsEveryOption() {
        assertEquals(13, options().size());
    }

    private float[] logits(Adapter adapter) {
        return References.logits(base, adapter, References.ints(values.path("ids")));
    }

    private void near(String name, float[] actual) {
        double off = References.difference(References.floats(tensors, name + ".logits"), actual);
        System.out.printf("%s: logits off by at most %.2e, allowed %.0e%n", name, off, LOGITS);
        assertTrue(off <= LOGITS, name + " is off by " + off);
    }
}
