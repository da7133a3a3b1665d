package dev.perennial.learning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as Hugging Face PEFT keeps it, {@code adapter_config.json} and {@code adapter_model.safetensors}, without
 * its base: nothing is computed with it but other adapters. Immutable.
 */
public final class AdapterFiles {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    /** In the metadata of the weights: PEFT warns of keys in the configuration that it does not know. */
    private static final String DIGEST = "perennial_base_digest";

    private static final String PREFIX = "base_model.model.";
    /** Files that were not saved by PEFT's save_pretrained may have the adapter's name, {@code default}, in the middle. */
    private static final Pattern KEY = Pattern.compile("base_model\\.model\\.(.+)\\.lora_([AB])(\\.default)?\\.weight");

    private final LoraSettings settings;
    private final Optional<String> baseDigest;
    private final SortedMap<LoraModule, Factors> modules;

    /**
     * The two factors of what one module is changed by.
     *
     * @param down A [R, in]
     * @param up B [out, R]
     */
    record Factors(Safetensors.Tensor down, Safetensors.Tensor up) {
        int rank() {
            return (int) down.shape()[0];
        }

        int in() {
            return (int) down.shape()[1];
        }

        int out() {
            return (int) up.shape()[0];
        }
    }

    /**
     * @param modules those that the settings cover, each with the settings' rank
     * @throws LearningException where settings and modules do not go together
     */
    AdapterFiles(LoraSettings settings, Optional<String> baseDigest, Map<LoraModule, Factors> modules) {
        this.settings = settings;
        this.baseDigest = baseDigest;
        this.modules = Collections.unmodifiableSortedMap(new TreeMap<>(modules));
        if (modules.isEmpty()) {
            throw new LearningException("an adapter changes at least one module; got none");
        }
        this.modules.forEach(this::check);
    }

    private void check(LoraModule module, Factors factors) {
        long[] down = factors.down().shape();
        long[] up = factors.up().shape();
        if (!settings.covers(module.layer(), module.projection())) {
            throw new LearningException("it holds tensors of " + module.path() + ", which its configuration does not"
                    + " cover: its targets are " + settings.targets());
        }
        int rank = settings.rank(module.layer(), module.projection());
        if (down.length != 2 || up.length != 2 || down[0] != rank || up[1] != rank || down[1] < 1 || up[0] < 1) {
            throw new LearningException("expected lora_A [" + rank + ", in] and lora_B [out, " + rank + "] of "
                    + module.path() + "; got " + Arrays.toString(down) + " and " + Arrays.toString(up));
        }
    }

    /**
     * Reads an adapter that PEFT or {@link #write} wrote; F16 and BF16 are widened.
     *
     * @throws LearningException where it uses what the engine does not compute, or its tensors do not go with its
     *     configuration; it names the directory
     */
    public static AdapterFiles read(Path directory) {
        LoraSettings settings = PeftConfig.read(directory.resolve(CONFIG));
        Path weights = directory.resolve(WEIGHTS);
        if (!Files.exists(weights)) {
            throw new LearningException("the adapter in " + directory + " has no " + WEIGHTS + pickles(directory)
                    + "; only safetensors is read");
        }
        Map<LoraModule, Safetensors.Tensor> down = new TreeMap<>();
        Map<LoraModule, Safetensors.Tensor> up = new TreeMap<>();
        Safetensors.read(weights).forEach((key, tensor) -> {
            Matcher matcher = KEY.matcher(key);
            LoraModule module =
                    matcher.matches() ? LoraModule.parse(matcher.group(1)).orElse(null) : null;
            if (module == null) {
                throw new LearningException(weights + " holds the tensor " + key
                        + ", which matches no layer of a base; the adapter's targets are " + settings.targets()
                        + ", a base has " + key(new LoraModule(0, 0), true) + " and the like for "
                        + String.join(", ", ModelShape.PROJECTIONS));
            }
            if ((matcher.group(2).equals("A") ? down : up).put(module, tensor) != null) {
                throw new LearningException(weights + " holds " + key + " under two names");
            }
        });
        try {
            return new AdapterFiles(settings, Safetensors.metadata(weights, DIGEST), paired(down, up));
        } catch (LearningException e) {
            throw new LearningException(weights + ": " + e.getMessage(), e);
        }
    }

    private static Map<LoraModule, Factors> paired(
            Map<LoraModule, Safetensors.Tensor> down, Map<LoraModule, Safetensors.Tensor> up) {
        Map<LoraModule, Factors> modules = new TreeMap<>();
        down.forEach((module, tensor) ->
                modules.put(module, new Factors(tensor, present(up.get(module), module, false))));
        up.forEach((module, tensor) -> present(down.get(module), module, true));
        return modules;
    }

    private static Safetensors.Tensor present(Safetensors.@Nullable Tensor tensor, LoraModule module, boolean down) {
        if (tensor == null) {
            throw new LearningException("expected " + key(module, down) + "; got no such tensor");
        }
        return tensor;
    }

    private static String pickles(Path directory) {
        List<String> names = BaseFiles.pickles(directory).stream().limit(3).toList();
        return names.isEmpty() ? "" : ", but " + String.join(", ", names);
    }

    private static String key(LoraModule module, boolean down) {
        return PREFIX + module.path() + (down ? ".lora_A.weight" : ".lora_B.weight");
    }

    /** Writes both files, so that PEFT loads the same adapter; files of these names are replaced. */
    public void write(Path directory) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        modules.forEach((module, factors) -> {
            tensors.put(key(module, true), factors.down());
            tensors.put(key(module, false), factors.up());
        });
        try {
            Files.createDirectories(directory);
            Safetensors.write(
                    directory.resolve(WEIGHTS),
                    tensors,
                    baseDigest.map(digest -> Map.of(DIGEST, digest)).orElse(Map.of()));
            Files.writeString(directory.resolve(CONFIG), PeftConfig.write(settings));
        } catch (IOException e) {
            throw new LearningException("cannot write the adapter to " + directory + ": " + e.getMessage(), e);
        }
    }

    public LoraSettings settings() {
        return settings;
    }

    /** Digest of the base that it was trained on; empty where other software wrote it. */
    public Optional<String> baseDigest() {
        return baseDigest;
    }

    /** What is changed, by layer and then in the order of {@link ModelShape#PROJECTIONS}. */
    SortedMap<LoraModule, Factors> modules() {
        return modules;
    }

    /** @throws LearningException where the module is not changed */
    Factors factors(LoraModule module) {
        Factors factors = modules.get(module);
        if (factors == null) {
            throw new LearningException("expected " + key(module, true) + "; got no such tensor");
        }
        return factors;
    }

    /** Paths of the modules that are changed, such as {@code model.layers.1.self_attn.q_proj}, layer after layer. */
    public List<String> paths() {
        return modules.keySet().stream().map(LoraModule::path).toList();
    }

    /** Number of trained values. */
    public long parameters() {
        return modules.values().stream()
                .mapToLong(factors -> factors.down().elements() + factors.up().elements())
                .sum();
    }

    /** What a module's B A is multiplied by. */
    double scale(LoraModule module) {
        return settings.scale(module.layer(), module.projection());
    }
}
