package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The same numbers, tokens and texts as transformers, PEFT and torch.optim give; see {@code make_reference.py}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReferenceParityTest {
    private static final double LOGITS = 1e-4;
    private static final double LOSS_RELATIVE = 1e-5;
    private static final double GRADIENT_RELATIVE = 1e-4;
    private static final double CURVE = 1e-3;
    /** Adam divides by the root of a second moment, so rounding of tiny gradients moves weights by parts of a step. */
    private static final double TRAINED_WEIGHTS = 1e-3;

    private static final double LEARNING_RATE = 1e-2;
    private static final double WEIGHT_DECAY = 0.01;

    private BaseModel base;
    private Adapter adapter;
    private JsonNode values;
    private Map<String, Safetensors.Tensor> tensors;
    private int[] row;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.UNTIED);
        adapter = PeftDirectory.read(base, References.ADAPTER);
        values = References.values();
        tensors = Safetensors.read(References.DIRECTORY.resolve("values.safetensors"));
        row = References.batch().get(2).ids();
    }

    @AfterAll
    void close() {
        adapter.close();
        base.close();
    }

    @Test
    void givesTheLogitsOfAModelWithGroupedQueryHeads() {
        try (Adapter none = Adapter.none(base)) {
            near("untied.logits", References.logits(base, none, row));
        }
    }

    @Test
    void givesTheLogitsOfATiedModelInShardsOfBfloat16() {
        try (BaseModel tied = BaseModel.open(References.TIED);
                Adapter none = Adapter.none(tied)) {
            near("tied.logits", References.logits(tied, none, row));
        }
    }

    @Test
    void givesTheLogitsOfAnAdapterThatPeftWrote() {
        near("adapter.logits", References.logits(base, adapter, row));
    }

    @Test
    void givesTheSameLogitsThroughAnAdapterWrittenAndReadAgain() {
        Path directory = References.PEFT_CHECK;
        PeftDirectory.write(base, adapter, directory);
        try (Adapter again = PeftDirectory.read(base, directory)) {
            assertArrayEquals(References.logits(base, adapter, row), References.logits(base, again, row));
            assertEquals(4, again.settings().orElseThrow().rank());
            assertEquals(8, again.settings().orElseThrow().alpha());
        }
    }

    @Test
    void givesTheLossAndTheGradients() throws IOException {
        try (LoraTraining training = training()) {
            List<float[]> results = training.gradients(References.batch(), List.of());
            double expected = values.path("loss").asDouble();
            double loss = results.get(0)[0];
            References.within("loss", Math.abs(loss - expected) / expected, LOSS_RELATIVE);
            double largest = 0;
            int n = 1;
            for (Adapter.Place place : Adapter.places(base.shape())) {
                String name = "gradient.base_model.model." + place.module()
                        + (place.down() ? ".lora_A.weight" : ".lora_B.weight");
                float[] gradient = References.floats(tensors, name);
                double off = References.difference(gradient, results.get(n++)) / References.norm(gradient);
                largest = Math.max(largest, off);
            }
            assertEquals(results.size(), n);
            References.within("gradients", largest, GRADIENT_RELATIVE);
        }
    }

    @Test
    void followsTheLossOfAdamWAndEndsWithItsWeights() throws IOException {
        double loss = 0;
        double norm = 0;
        try (LoraTraining training = training();
                Adapter expected = PeftDirectory.read(base, References.DIRECTORY.resolve("trained"))) {
            for (int i = 0; i < values.path("losses").size(); i++) {
                LoraTraining.Step step = training.step(References.batch(), List.of(), LEARNING_RATE, WEIGHT_DECAY);
                loss = Math.max(
                        loss,
                        Math.abs(step.loss() - values.path("losses").get(i).asDouble()));
                norm = Math.max(
                        norm,
                        Math.abs(step.gradientNorm()
                                - values.path("norms").get(i).asDouble()));
            }
            References.within("losses", loss, CURVE);
            References.within("gradient norms", norm, CURVE);
            double weights = 0;
            try (Adapter trained = training.finish()) {
                for (int i = 0; i < trained.tensors().size(); i++) {
                    weights = Math.max(
                            weights,
                            References.difference(
                                    expected.tensors().get(i).toFloatArray(),
                                    trained.tensors().get(i).toFloatArray()));
                }
            }
            References.within("trained weights", weights, TRAINED_WEIGHTS);
        }
    }

    @Test
    void writesTheGreedyContinuation() {
        int[] prompt = References.ints(values.path("prompt"));
        Decoder.Settings greedy = new Decoder.Settings(40, 0, 1, 0);
        try (Adapter none = Adapter.none(base)) {
            assertArrayEquals(
                    References.ints(values.path("untied.greedy")), References.write(base, none, prompt, greedy, 40));
        }
        assertArrayEquals(
                References.ints(values.path("adapter.greedy")), References.write(base, adapter, prompt, greedy, 7));
    }

    @Test
    void rendersChatTemplatesToTheLetter(@TempDir Path directory) throws IOException {
        for (JsonNode example : values.path("templates")) {
            Path file = directory.resolve("tokenizer_config.json");
            Files.deleteIfExists(file);
            Files.copy(References.EMBEDDED.resolve("tokenizer_config.json"), file);
            References.edit(file, "chat_template", example.path("template").asText());
            List<ChatTemplate.Turn> turns = new ArrayList<>();
            for (JsonNode turn : example.path("turns")) {
                turns.add(new ChatTemplate.Turn(
                        turn.path("role").asText(), turn.path("content").asText()));
            }
            assertEquals(
                    example.path("text").asText(),
                    ChatTemplate.open(directory)
                            .render(turns, example.path("generate").asBoolean()),
                    example.path("name").asText());
        }
    }

    @Test
    void readsAndWritesTheTokensOfTheEmbeddedBase() {
        try (BaseModel embedded = BaseModel.open(References.EMBEDDED)) {
            for (JsonNode example : values.path("texts")) {
                String text = example.path("text").asText();
                int[] ids = embedded.tokenizer().encode(text);
                assertArrayEquals(References.ints(example.path("ids")), ids, text);
                assertEquals(
                        example.path("decoded").asText(), embedded.tokenizer().decode(ids));
            }
        }
    }

    private LoraTraining training() {
        return new LoraTraining(base, adapter, adapter, LoraTraining.Objective.PLAIN, 0);
    }

    private void near(String name, float[] actual) {
        References.within(name, References.difference(References.floats(tensors, name), actual), LOGITS);
    }
}
