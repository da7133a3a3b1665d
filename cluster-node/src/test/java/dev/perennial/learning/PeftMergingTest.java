package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merges to what PEFT's add_weighted_adapter makes of the same adapters; see {@code options.py}. */
class PeftMergingTest {
    private static final Path OPTIONS = References.DIRECTORY.resolve("options");
    private static final double LOGITS = 1e-4;
    /** PEFT rounds to F32 after every multiplication, this engine once. */
    private static final double FACTORS = 1e-6;

    @ParameterizedTest
    @CsvSource({"linear", "cat"})
    void mergesToTheSameLogits(String name, @TempDir Path directory) throws IOException {
        merged(name).write(directory);
        try (BaseModel base = BaseModel.open(References.ARCHITECTURES.resolve("llama3"));
                Adapter adapter = PeftDirectory.read(base, directory)) {
            float[] expected = References.floats(
                    Safetensors.read(OPTIONS.resolve("values.safetensors")), "merged/" + name + ".logits");
            int[] row = References.ints(References.values(OPTIONS).path("ids"));
            References.within(name, References.difference(expected, References.logits(base, adapter, row)), LOGITS);
        }
    }

    @ParameterizedTest
    @CsvSource({"linear", "cat"})
    void mergesToTheSameFactors(String name) throws IOException {
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
        References.within(name + " factors", largest, FACTORS);
    }

    /** PEFT gives every module the largest rank and fills what a smaller one leaves over with zeros. */
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

    private static AdapterFiles merged(String name) throws IOException {
        JsonNode recipe = References.values(OPTIONS).path("merged").path(name);
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
}
