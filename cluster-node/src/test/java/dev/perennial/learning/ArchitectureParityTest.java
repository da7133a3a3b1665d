package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same numbers and tokens as transformers and PEFT give for each architecture; see {@code architectures.py}. */
class ArchitectureParityTest {
    private static final double LOGITS = 1e-4;
    private static final double LOSS_RELATIVE = 1e-5;
    private static final double GRADIENT_RELATIVE = 1e-4;
    private static final double CURVE = 1e-3;

    /**
     * At this rate a difference in rounding grows from step to step: of two kinds of processors the norms of the first ten steps
     * agree to 6e-5, and those of the last to 6e-3 where the losses still agree to 1.1e-4.
     */
    private static final int EARLY_STEPS = 10;

    private static final double LATE_GROWTH = 20;
    private static final double TRAINED_WEIGHTS = 1e-3;
    private static final int TOKENS = 24;

    static Stream<String> architectures() throws IOException {
        try (Stream<Path> directories = Files.list(References.ARCHITECTURES)) {
            return directories.map(directory -> directory.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void givesTheLogits(String name) throws IOException {
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter none = Adapter.none(base);
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"))) {
            int[] row = row(name);
            near(name, "base.logits", References.logits(base, none, row));
            near(name, "adapter.logits", References.logits(base, adapter, row));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void readsTheOtherSpellingOfTheConfiguration(String name, @TempDir Path copy) throws IOException {
        References.copy(directory(name), copy);
        Files.move(copy.resolve("config.other.json"), copy.resolve("config.json"), StandardCopyOption.REPLACE_EXISTING);
        try (BaseModel base = BaseModel.open(copy);
                Adapter none = Adapter.none(base)) {
            near(name, "base.logits", References.logits(base, none, row(name)));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void givesTheLogProbabilitiesOfARow(String name) throws IOException {
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"))) {
            double expected = 0;
            for (JsonNode value : values(name).path("adapter.logprobs")) {
                expected += value.asDouble();
            }
            Sequence sequence = new Sequence(row(name), 1, false);
            double found =
                    Scoring.score(base, adapter, List.of(sequence)).get(0).logProbability();
            References.within(name + " log-probability", (found - expected) / expected, LOSS_RELATIVE);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void givesTheLossAndTheGradients(String name) throws IOException {
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"));
                LoraTraining training = new LoraTraining(base, adapter, adapter, LoraTraining.Objective.PLAIN, 0)) {
            List<float[]> results = training.gradients(References.batch(values(name)), List.of());
            double expected = values(name).path("loss").asDouble();
            References.within(name + " loss", (results.get(0)[0] - expected) / expected, LOSS_RELATIVE);
            Map<String, Safetensors.Tensor> tensors = tensors(name);
            double largest = 0;
            int n = 1;
            for (Adapter.Place place : Adapter.places(base.shape())) {
                String tensor = "gradient.base_model.model." + place.module()
                        + (place.down() ? ".lora_A.weight" : ".lora_B.weight");
                float[] gradient = References.floats(tensors, tensor);
                double off = References.difference(gradient, results.get(n++)) / References.norm(gradient);
                largest = Math.max(largest, off);
            }
            assertEquals(results.size(), n);
            References.within(name + " gradients", largest, GRADIENT_RELATIVE);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void writesTheGreedyContinuation(String name) throws IOException {
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter none = Adapter.none(base);
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"))) {
            JsonNode values = values(name);
            int[] prompt = References.ints(values.path("prompt"));
            Decoder.Settings greedy = new Decoder.Settings(TOKENS, 0, 1, 0);
            assertArrayEquals(
                    References.ints(values.path("base.greedy")), References.write(base, none, prompt, greedy, TOKENS));
            assertArrayEquals(
                    References.ints(values.path("adapter.greedy")), References.write(base, adapter, prompt, greedy, 5));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void givesTheSameLogitsThroughAnAdapterWrittenAndReadAgain(String name) throws IOException {
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"))) {
            Path written =
                    References.PEFT_CHECK.resolve("architectures").resolve(name).resolve("adapter");
            PeftDirectory.write(base, adapter, written);
            try (Adapter again = PeftDirectory.read(base, written)) {
                int[] row = row(name);
                assertArrayEquals(References.logits(base, adapter, row), References.logits(base, again, row));
            }
        }
    }

    @Test
    void followsTheLossOfAdamWOnQwen3AndEndsWithItsWeights() throws IOException {
        String name = "qwen3";
        JsonNode expected = values(name).path("training");
        try (BaseModel base = BaseModel.open(directory(name));
                Adapter adapter = PeftDirectory.read(base, directory(name).resolve("adapter"));
                Adapter trained = PeftDirectory.read(base, directory(name).resolve("trained"));
                LoraTraining training = new LoraTraining(base, adapter, adapter, LoraTraining.Objective.PLAIN, 0)) {
            List<Sequence> batch = References.batch(values(name));
            double rate = expected.path("rate").asDouble();
            double decay = expected.path("weight_decay").asDouble();
            double loss = 0;
            double norm = 0;
            int steps = expected.path("losses").size();
            assertEquals(20, steps);
            for (int i = 0; i < steps; i++) {
                LoraTraining.Step step = training.step(batch, List.of(), rate, decay);
                loss = Math.max(loss, off(step.loss(), expected.path("losses").get(i)));
                double off = off(step.gradientNorm(), expected.path("norms").get(i));
                norm = Math.max(norm, i < EARLY_STEPS ? off : off / LATE_GROWTH);
            }
            References.within("losses", loss, CURVE);
            References.within("gradient norms", norm, CURVE);
            double weights = 0;
            try (Adapter found = training.finish()) {
                for (int i = 0; i < found.tensors().size(); i++) {
                    float[] learned = found.tensors().get(i).toFloatArray();
                    weights = Math.max(
                            weights,
                            References.difference(trained.tensors().get(i).toFloatArray(), learned));
                }
            }
            References.within("trained weights", weights, TRAINED_WEIGHTS);
        }
    }

    @Test
    void everyArchitectureIsThere() throws IOException {
        assertEquals(
                List.of(
                        "llama-bias",
                        "llama-linear",
                        "llama-yarn",
                        "llama2",
                        "llama3",
                        "mistral",
                        "mistral-full",
                        "qwen2",
                        "qwen2-window",
                        "qwen2-yarn",
                        "qwen3",
                        "smollm2",
                        "tinyllama"),
                architectures().toList());
    }

    private static double off(double found, JsonNode expected) {
        return Math.abs(found - expected.asDouble());
    }

    private static void near(String name, String tensor, float[] actual) {
        double off = References.difference(References.floats(tensors(name), tensor), actual);
        References.within(name + " " + tensor, off, LOGITS);
    }

    private static Path directory(String name) {
        return References.ARCHITECTURES.resolve(name);
    }

    private static JsonNode values(String name) throws IOException {
        return References.values(directory(name));
    }

    private static Map<String, Safetensors.Tensor> tensors(String name) {
        return Safetensors.read(directory(name).resolve("values.safetensors"));
    }

    private static int[] row(String name) throws IOException {
        return References.ints(values(name).path("ids"));
    }
}
