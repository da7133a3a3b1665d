package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelShapeTest {
    private static final String GOOD = "{\"architectures\":[\"LlamaForCausalLM\"],\"vocab_size\":16,\"hidden_size\":8,"
            + "\"intermediate_size\":12,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"num_key_value_heads\":2}";

    @TempDir
    private Path directory = Path.of("");

    @Test
    void fillsInWhatConfigurationsLeaveOut() throws IOException {
        ModelShape shape = read(GOOD);
        assertEquals(2, shape.headWidth());
        assertEquals(10_000, shape.rotary().theta());
        assertEquals(2048, shape.context());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LlamaForCausalLM | GPT2LMHeadModel | GPT2LMHeadModel",
                "\"vocab_size\":16 | \"vocab_size\":\"x\" | vocab_size",
                "\"hidden_size\":8, | '' | hidden_size",
                "\"num_attention_heads\":4 | \"num_attention_heads\":0 | num_attention_heads",
                "\"num_attention_heads\":4 | \"num_attention_heads\":3 | multiple",
                "\"vocab_size\":16 | \"vocab_size\":16,\"rope_scaling\":{\"rope_type\":\"llama3\"} | 'factor'",
                "\"vocab_size\":16 | \"vocab_size\":16,\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2} | dynamic",
                "\"vocab_size\":16 | \"vocab_size\":16,\"rope_parameters\":{\"rope_theta\":-1} | rope_theta",
                "\"vocab_size\":16 | \"vocab_size\":16,\"partial_rotary_factor\":0.5 | partial_rotary_factor",
                "\"vocab_size\":16 | \"vocab_size\":16,\"mlp_bias\":true | mlp_bias",
                "LlamaForCausalLM\" | MistralForCausalLM\",\"x\"],\"sliding_window\":0,\"y\":[\"z\" | MistralForCausalLM",
                "\"vocab_size\":16 | \"vocab_size\":16,\"hidden_act\":\"gelu\" | gelu",
                "\"vocab_size\":16 | \"vocab_size\":16,\"auto_map\":{\"AutoModel\":\"x.Y\"} | auto_map"
            })
    void refusesByNameWhatItWouldComputeWrongly(String part, String instead, String expected) {
        var failure = assertThrows(LearningException.class, () -> read(GOOD.replace(part, instead)));
        assertTrue(String.valueOf(failure.getMessage()).contains(expected), failure.getMessage());
    }

    private ModelShape read(String config) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, config);
        return ModelShape.read(file);
    }
}
