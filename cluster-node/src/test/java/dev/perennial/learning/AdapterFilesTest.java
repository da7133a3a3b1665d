package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterFilesTest {
    @TempDir
    private Path temporary = Path.of("");

    private Path directory = Path.of("");

    @BeforeEach
    void copy() throws IOException {
        directory = References.copy(References.ADAPTER, temporary.resolve("adapter"));
    }

    @Test
    void saysWhatIsInAnAdapterWithoutItsBase() {
        AdapterFiles files = AdapterFiles.read(directory);
        assertEquals(14, files.paths().size());
        assertEquals("model.layers.0.self_attn.q_proj", files.paths().get(0));
        assertEquals("model.layers.1.mlp.down_proj", files.paths().get(13));
        // rank 4, hidden 32, keys and values 16, MLP 64, 2 layers
        assertEquals(2 * 4 * (64 + 48 + 48 + 64 + 3 * 96), files.parameters());
        assertEquals(Optional.empty(), files.baseDigest());
        assertEquals(2, files.scale(new LoraModule(0, 0)));
    }

    @Test
    void keepsEveryOptionWhenWritten() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("model.layers.0.self_attn.q_proj", 1);
        ranks.put("q_proj", 3);
        LoraSettings settings = new LoraSettings(
                2,
                2.5,
                0.25,
                new ModuleSelection.Named(List.of("q_proj", "v_proj")),
                Optional.of(ModuleSelection.matching(".*0.*v_proj")),
                true,
                new ModulePattern<>(ranks),
                new ModulePattern<>(Map.of("v_proj", 0.5)),
                List.of(0, 1),
                List.of("layers", "h"));
        AdapterFiles files = new AdapterFiles(
                settings,
                Optional.of("abc"),
                Map.of(
                        new LoraModule(0, 0), factors(1, 3, 4),
                        new LoraModule(1, 0), factors(3, 3, 4),
                        new LoraModule(1, 2), factors(2, 3, 2)));
        files.write(temporary.resolve("written"));
        AdapterFiles again = AdapterFiles.read(temporary.resolve("written"));
        assertEquals(settings, again.settings());
        assertEquals(Optional.of("abc"), again.baseDigest());
        files.modules().forEach((module, factors) -> {
            AdapterFiles.Factors read = again.factors(module);
            assertArrayEquals(factors.up().floats(), read.up().floats());
            assertArrayEquals(factors.down().floats(), read.down().floats());
        });
    }

    /** The file that the tensors are mapped from is replaced, not overwritten under them. */
    @Test
    void writesOverTheDirectoryThatItWasReadFrom() {
        AdapterFiles files = AdapterFiles.read(directory);
        float[] before = files.factors(files.modules().firstKey()).up().floats();
        files.write(directory);
        AdapterFiles again = AdapterFiles.read(directory);
        assertArrayEquals(before, again.factors(again.modules().firstKey()).up().floats());
        assertArrayEquals(before, files.factors(files.modules().firstKey()).up().floats());
    }

    @Test
    void readsNamesOfTensorsWithTheAdaptersName() {
        rename(".weight", ".default.weight");
        assertEquals(14, AdapterFiles.read(directory).paths().size());
    }

    @Test
    void widensHalfPrecision() throws IOException {
        LoraSettings one = new LoraSettings(1, 1, 0, List.of("model.layers.0.self_attn.q_proj"));
        new AdapterFiles(one, Optional.empty(), Map.of(new LoraModule(0, 0), factors(1, 2, 1))).write(directory);
        for (var type : Map.of("F16", 0x3e00, "BF16", 0x3fc0).entrySet()) {
            String key = "\"base_model.model.model.layers.0.self_attn.q_proj.lora_";
            byte[] header = ("{" + key + "A.weight\":{\"dtype\":\"" + type.getKey()
                            + "\",\"shape\":[1,2],\"data_offsets\":[0,4]}," + key + "B.weight\":{\"dtype\":\""
                            + type.getKey() + "\",\"shape\":[1,1],\"data_offsets\":[4,6]}}")
                    .getBytes(StandardCharsets.UTF_8);
            ByteBuffer file = ByteBuffer.allocate(8 + header.length + 6).order(ByteOrder.LITTLE_ENDIAN);
            file.putLong(header.length).put(header);
            for (int i = 0; i < 3; i++) {
                file.putShort(type.getValue().shortValue());
            }
            Files.write(weights(), file.array());
            AdapterFiles.Factors factors = AdapterFiles.read(directory).factors(new LoraModule(0, 0));
            assertArrayEquals(new float[] {1.5f, 1.5f}, factors.down().floats());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "peft_type|\"IA3\"",
                "task_type|\"SEQ_CLS\"",
                "use_dora|true",
                "use_qalora|true",
                "lora_bias|true",
                "fan_in_fan_out|true",
                "bias|\"lora_only\"",
                "modules_to_save|[\"lm_head\"]",
                "layer_replication|[[0,2]]",
                "init_lora_weights|\"pissa\"",
                "init_lora_weights|\"pissa_niter_4\"",
                "init_lora_weights|\"olora\"",
                "init_lora_weights|\"corda\"",
                "init_lora_weights|\"eva\"",
                "init_lora_weights|\"loftq\"",
                "init_lora_weights|\"lora_ga\"",
                "alora_invocation_tokens|[1]",
                "trainable_token_indices|{\"embed_tokens\":[1]}",
                "target_parameters|[\"mlp.weight\"]",
                "megatron_config|{\"a\":1}",
                "use_bdlora|{\"nblocks\":2}",
                "arrow_config|{\"top_k\":2}",
                "kasa_config|{\"beta\":1}",
                "velora_config|{\"a\":1}",
                "monteclora_config|{\"a\":1}",
            })
    void refusesByNameWhatIsNotComputed(String key, String value) throws IOException {
        edit(key, value);
        refused(directory.resolve("adapter_config.json") + ": unsupported " + key + ": " + value + "; supported: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "r|0|rank 0",
                "r|1025|rank 1025",
                "r|\"4\"|expected an integer as 'r'; got \"4\"",
                "r|null|expected an integer as 'r'; got n",
                "lora_alpha|-1|alpha -1",
                "lora_alpha|\"8\"|expected a number as 'lora_alpha'",
                "lora_dropout|1.5|dropout of 0 to below 1; got 1.5",
                "target_modules|null|'target_modules'; got n",
                "target_modules|[]|'target_modules'; got []",
                "target_modules|[1]|expected names as 'target_modules'",
                "target_modules|\"(q\"|a group that does not end",
                "exclude_modules|{}|expected names as 'exclude_modules'",
                "rank_pattern|[1]|expected an object of integers as 'rank_pattern'",
                "rank_pattern|{\"q_proj\":1.5}|expected an object of integers as 'rank_pattern'",
                "rank_pattern|{\"q_proj\":2000}|rank of 'q_proj' 2000",
                "alpha_pattern|{\"q_proj\":\"1\"}|expected an object of numbers as 'alpha_pattern'",
                "layers_to_transform|\"1\"|expected integers as 'layers_to_transform'",
                "layers_to_transform|[-1]|from 0 on",
                "layers_pattern|[\"layers\"]|goes with numbers of layers",
            })
    void refusesMalformedConfigurations(String key, String value, String named) throws IOException {
        edit(key, value);
        refused(directory.resolve("adapter_config.json") + ": ");
        refused(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "task_type|null",
                "init_lora_weights|\"gaussian\"",
                "init_lora_weights|\"orthogonal\"",
                "init_lora_weights|false",
                "lora_dropout|null",
                "modules_to_save|[]",
                "an_option_of_the_future|true",
            })
    void readsAConfigurationThatMeansTheSame(String key, String value) throws IOException {
        edit(key, value);
        assertEquals(14, AdapterFiles.read(directory).paths().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "target_modules|[\"q_proj\"]|does not cover",
                "exclude_modules|[\"q_proj\"]|does not cover",
                "rank_pattern|{\"q_proj\":2}|expected lora_A [2, in]",
                "r|8|expected lora_A [8, in]",
            })
    void refusesTensorsThatDoNotGoWithTheConfiguration(String key, String value, String named) throws IOException {
        edit(key, value);
        var failure = assertThrows(LearningException.class, () -> AdapterFiles.read(directory));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
    }

    @Test
    void refusesTensorsWithoutTheirOtherHalfOrOfUnknownModules() {
        rename("layers.1.mlp.up_proj.lora_B", "layers.1.mlp.up_proj.lora_C");
        refused("up_proj.lora_C.weight");
        rename("layers.1.mlp.up_proj.lora_C", "layers.2.mlp.up_proj.lora_B");
        refused("expected base_model.model.model.layers.1.mlp.up_proj.lora_B.weight");
        rename("layers.2.mlp.up_proj.lora_B", "layers.1.self_attn.up_proj.lora_B");
        refused("matches no layer of a base");
    }

    @Test
    void refusesPicklesAndOversizedConfigurations() throws IOException {
        Files.move(weights(), directory.resolve("adapter_model.bin"));
        refused("adapter_model.bin; only safetensors is read");
        Files.delete(directory.resolve("adapter_model.bin"));
        refused("no adapter_model.safetensors; only safetensors is read");
        Files.writeString(directory.resolve("adapter_config.json"), " ".repeat((1 << 20) + 1));
        refused("1048577 bytes");
        Files.writeString(directory.resolve("adapter_config.json"), "[]");
        refused("expected a JSON object");
    }

    @Test
    void refusesOnReadingOntoABase() throws IOException {
        try (BaseModel base = BaseModel.open(References.UNTIED)) {
            AdapterFiles files = AdapterFiles.read(directory);
            new AdapterFiles(files.settings(), Optional.of("0".repeat(64)), files.modules()).write(directory);
            refused(base, "another base");
            LoraSettings deeper = new LoraSettings(1, 1, 0, List.of("0.mlp.up_proj", "2.mlp.up_proj"));
            new AdapterFiles(
                            deeper,
                            Optional.empty(),
                            Map.of(new LoraModule(0, 5), factors(1, 32, 64), new LoraModule(2, 5), factors(1, 32, 64)))
                    .write(directory);
            refused(base, "which has 2 layers: model.layers.2.mlp.up_proj");
            LoraSettings everywhere = new LoraSettings(1, 1, 0, List.of("up_proj"));
            new AdapterFiles(everywhere, Optional.empty(), Map.of(new LoraModule(0, 5), factors(1, 32, 64)))
                    .write(directory);
            refused(base, "model.layers.1.mlp.up_proj.lora_A.weight; got no such tensor");
            LoraSettings first = new LoraSettings(1, 1, 0, List.of("0.mlp.up_proj"));
            new AdapterFiles(first, Optional.empty(), Map.of(new LoraModule(0, 5), factors(1, 31, 64)))
                    .write(directory);
            refused(base, "of shape [1, 32]; got [1, 31]");
            AdapterFiles.Factors infinite = new AdapterFiles.Factors(
                    Safetensors.Tensor.of(new float[32], 1, 32),
                    Safetensors.Tensor.of(filled(64, Float.POSITIVE_INFINITY), 64, 1));
            new AdapterFiles(first, Optional.empty(), Map.of(new LoraModule(0, 5), infinite)).write(directory);
            refused(base, "Infinity");
        }
    }

    @Test
    void freesAnAdapterThatCouldNotBeRead() throws IOException {
        try (BaseModel base = BaseModel.open(References.UNTIED);
                NDManager scope = base.scope()) {
            NDManager parent = scope.getParentManager();
            String before = parent.toString();
            assertTrue(before.matches("(?s).*(?i)resource.*\\d.*"), before);
            assertThrows(
                    IllegalStateException.class,
                    () -> Adapter.build(base, new LoraSettings(4, 8, 0, List.of("q_proj")), (place, rows, columns) -> {
                        if (place.layer() == 1) {
                            throw new IllegalStateException();
                        }
                        return new float[rows * columns];
                    }));
            assertEquals(before, parent.toString());
        }
    }

    private void refused(String named) {
        var failure = assertThrows(LearningException.class, () -> AdapterFiles.read(directory));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
    }

    private void refused(BaseModel base, String named) {
        var failure = assertThrows(LearningException.class, () -> PeftDirectory.read(base, directory));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
    }

    private Path weights() {
        return directory.resolve("adapter_model.safetensors");
    }

    private void edit(String key, String json) throws IOException {
        References.edit(directory.resolve("adapter_config.json"), key, References.JSON.readTree(json));
    }

    private void rename(String from, String to) {
        Map<String, Safetensors.Tensor> renamed = new LinkedHashMap<>();
        Safetensors.read(weights()).forEach((key, tensor) -> renamed.put(key.replace(from, to), tensor));
        Safetensors.write(weights(), renamed);
    }

    private static AdapterFiles.Factors factors(int rank, int in, int out) {
        float[] down = filled(rank * in, 1);
        float[] up = filled(out * rank, 2);
        down[0] = 0.5f;
        up[0] = -3;
        return new AdapterFiles.Factors(Safetensors.Tensor.of(down, rank, in), Safetensors.Tensor.of(up, out, rank));
    }

    private static float[] filled(int length, float value) {
        float[] values = new float[length];
        java.util.Arrays.fill(values, value);
        return values;
    }
}
