package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option of {@code adapter_config.json} means what it means in PEFT; see {@code options.py}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeftOptionsTest {
    private static final Path OPTIONS = References.DIRECTORY.resolve("options");
    private static final double LOGITS = 1e-4;

    private BaseModel base;
    private Map<String, Safetensors.Tensor> tensors;
    private int[] row;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.ARCHITECTURES.resolve("llama3"));
        tensors = Safetensors.read(OPTIONS.resolve("values.safetensors"));
        row = References.ints(References.values(OPTIONS).path("ids"));
    }

    @AfterAll
    void close() {
        base.close();
    }

    /** Directories of adapters with one option each, and of merged ones. */
    static Stream<String> adapters() throws IOException {
        JsonNode values = References.values(OPTIONS);
        List<String> names = new ArrayList<>();
        values.path("options").fieldNames().forEachRemaining(names::add);
        values.path("merged").fieldNames().forEachRemaining(name -> names.add("merged/" + name));
        return names.stream();
    }

    /** Ranks and scales, which need no base to be known. */
    @Test
    void changesTheSameModulesByTheSameScales() throws IOException {
        JsonNode options = References.values(OPTIONS).path("options");
        for (var option : (Iterable<Map.Entry<String, JsonNode>>) options::fields) {
            Map<String, List<Double>> expected = new TreeMap<>();
            option.getValue()
                    .fields()
                    .forEachRemaining(module -> expected.put(
                            module.getKey(),
                            List.of(
                                    module.getValue().path("rank").asDouble(),
                                    module.getValue().path("scale").asDouble())));
            AdapterFiles files = AdapterFiles.read(OPTIONS.resolve(option.getKey()));
            Map<String, List<Double>> found = new TreeMap<>();
            files.modules()
                    .forEach((module, factors) ->
                            found.put(module.path(), List.of((double) factors.rank(), files.scale(module))));
            assertEquals(expected, found, option.getKey());
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void givesTheLogits(String name) {
        try (Adapter adapter = PeftDirectory.read(base, OPTIONS.resolve(name))) {
            near(name, References.logits(base, adapter, row));
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void givesTheSameLogitsThroughAnAdapterWrittenAndReadAgain(String name) {
        Path written = References.PEFT_CHECK.resolve("options").resolve(name);
        try (Adapter adapter = PeftDirectory.read(base, OPTIONS.resolve(name))) {
            PeftDirectory.write(base, adapter, written);
            try (Adapter again = PeftDirectory.read(base, written)) {
                assertArrayEquals(References.logits(base, adapter, row), References.logits(base, again, row));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dora, use_dora",
        "modules-to-save, modules_to_save",
        "bias-all, bias",
        "lora-bias, lora_bias",
        "token-indices, trainable_token_indices",
        "no-module, no layer",
        "no-module, c_attn",
        "no-layer, no layer",
        "no-layer, [7]",
    })
    void refusesWhatItDoesNotComputeByName(String name, String named) {
        Path directory = OPTIONS.resolve("refused").resolve(name);
        LearningException refusal = assertThrows(
                LearningException.class,
                () -> PeftDirectory.read(base, directory).close());
        assertTrue(References.message(refusal).contains(named), References.message(refusal));
    }

    @Test
    void everyOptionIsThere() throws IOException {
        assertEquals(15, adapters().count());
    }

    private void near(String name, float[] actual) {
        References.within(name, References.difference(References.floats(tensors, name + ".logits"), actual), LOGITS);
    }
}
