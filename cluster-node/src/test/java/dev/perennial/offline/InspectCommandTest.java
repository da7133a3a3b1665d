package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    private static final Path LLAMA = Run.ARCHITECTURES.resolve("llama3");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void describesABaseModel() throws IOException {
        JsonNode facts = Run.of("inspect", Run.EMBEDDED, "--json").rows().get(0);
        assertEquals("base model", facts.path("kind").asText());
        assertTrue(facts.path("supported").asBoolean());
        assertEquals(1_918_656, facts.path("parameters").asInt());
        assertEquals(1_918_656, facts.path("types").path("F32").asInt());
        assertEquals(1536, facts.path("tokenizer_vocabulary").asInt());
        assertEquals("5 <|end|>", facts.path("end_tokens").path(0).asText());
        assertTrue(facts.path("chat_template").asBoolean());
        assertEquals(64, facts.path("digest").asText().length());
        String table = Run.of("inspect", Run.EMBEDDED).out();
        assertTrue(table.contains("parameters            1,918,656\n"), table);
    }

    @Test
    void describesEveryArchitectureOfTheReference() throws IOException {
        try (Stream<Path> all = Files.list(Run.ARCHITECTURES)) {
            for (Path model : all.toList()) {
                assertTrue(
                        Run.of("inspect", model, "--json")
                                .rows()
                                .get(0)
                                .path("supported")
                                .asBoolean(),
                        model.toString());
            }
        }
        JsonNode window = Run.of("inspect", Run.ARCHITECTURES.resolve("qwen2-window"), "--json")
                .rows()
                .get(0);
        assertTrue(window.path("windows").asText().contains(" tokens in "), window.toString());
        assertTrue(Run.of("inspect", LLAMA).out().contains("llama3"));
    }

    @Test
    void givesEveryReasonWhyABaseModelIsNotSupported() throws IOException {
        Path model = copy(Run.REFERENCE.resolve("untied"), "model");
        Path config = model.resolve("config.json");
        ObjectNode root = (ObjectNode) Run.JSON.readTree(config.toFile());
        root.putArray("architectures").add("GemmaForCausalLM");
        root.put("hidden_act", "gelu").put("mlp_bias", true).put("attention_bias", true);
        root.putObject("rope_parameters").put("rope_type", "dynamic");
        root.remove("hidden_size");
        Files.writeString(config, root.toString());
        Files.writeString(model.resolve("pytorch_model.bin"), "pickle");
        Files.delete(model.resolve("tokenizer.json"));
        JsonNode facts = Run.of("inspect", model, "--json").rows().get(0);
        assertFalse(facts.path("supported").asBoolean());
        String because = facts.path("because").toString();
        for (String reason :
                List.of("GemmaForCausalLM", "hidden_act 'gelu'", "mlp_bias", "rope_type 'dynamic'", "tokenizer.json")) {
            assertTrue(because.contains(reason), because);
        }
        assertEquals("pytorch_model.bin", facts.path("never_read").path(0).asText());
    }

    @Test
    void namesTensorsThatAreMissingOrOfAnotherShape() throws IOException {
        Path model = copy(Run.REFERENCE.resolve("untied"), "model");
        Path config = model.resolve("config.json");
        ObjectNode root = (ObjectNode) Run.JSON.readTree(config.toFile());
        root.put("attention_bias", true)
                .put("vocab_size", root.path("vocab_size").asInt() + 1);
        Files.writeString(config, root.toString());
        String because =
                Run.of("inspect", model, "--json").rows().get(0).path("because").toString();
        assertTrue(because.contains("no tensor model.layers.0.self_attn.q_proj.bias"), because);
        assertTrue(because.contains("tensor lm_head.weight has the shape"), because);
    }

    @Test
    void describesAnAdapterAndWhetherItFits() throws IOException {
        Path adapter = Run.OPTIONS.resolve("all-linear");
        JsonNode facts =
                Run.of("inspect", adapter, "--model", LLAMA, "--json").rows().get(0);
        assertEquals("PEFT adapter", facts.path("kind").asText());
        assertTrue(facts.path("supported").asBoolean());
        assertEquals("yes", facts.path("fits").asText());
        assertEquals(7, facts.path("norms").size());
        assertEquals("q_proj", facts.path("norms").path(0).path("projection").asText());
        assertTrue(facts.path("norms").path(0).path("mean").asDouble() > 0);
        Run other = Run.of("inspect", adapter, "--model", Run.EMBEDDED);
        assertTrue(other.out().contains("no, because the adapter in"), other.out());
        assertTrue(other.out().contains("mean norm"), other.out());
    }

    @Test
    void findsValuesThatAreNotNumbersAndOptionsThatAreRefused() throws IOException {
        Path adapter = copy(Run.OPTIONS.resolve("list"), "adapter");
        try (FileChannel weights =
                FileChannel.open(adapter.resolve("adapter_model.safetensors"), StandardOpenOption.WRITE)) {
            // the last value of the last tensor, little-endian
            weights.write(
                    ByteBuffer.wrap(new byte[] {0, 0, (byte) 0xC0, 0x7F}),
                    Files.size(adapter.resolve("adapter_model.safetensors")) - 4);
        }
        JsonNode facts = Run.of("inspect", adapter, "--json").rows().get(0);
        assertFalse(facts.path("supported").asBoolean());
        assertEquals(1, facts.path("not_finite").asInt());
        JsonNode refused = Run.of("inspect", Run.OPTIONS.resolve("refused/dora"), "--json")
                .rows()
                .get(0);
        assertTrue(refused.path("because").toString().contains("use_dora"), refused.toString());
    }

    @Test
    void saysWhatItExpectsOfADirectory() {
        Run.of("inspect", directory).failed(1, "config.json", "adapter_config.json", "has neither");
        Run.of("inspect", directory.resolve("none")).failed(1, "no readable directory");
        Run.of("inspect").failed(2, "DIR");
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = Files.createDirectory(directory.resolve(name));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
        return to;
    }
}
