package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A frozen base model: shape, weights, tokenizer and chat template of a Hugging Face directory.
 *
 * <p>The weights are mapped from the files and shared by every reader; nothing changes them. Thread-safe.
 */
public final class BaseModel implements AutoCloseable {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String NORM = "model.norm.weight";
    private static final String HEAD = "lm_head.weight";

    private final ModelShape shape;
    private final Tokenizer tokenizer;
    private final ChatTemplate chatTemplate;
    private final GenerationDefaults servingDefaults;
    private final Supplier<String> digests;
    private @Nullable String digest;
    private @Nullable RowProducts fewRows;
    private @Nullable RowProducts manyRows;
    /** Of weights and activations: FLOAT32 or BFLOAT16. */
    private final DataType type;

    private final NDManager manager;
    private final TorchScript script;
    private final NDArray embedding;
    private final NDArray norm;
    private final NDArray head;
    private final NDArray frequencies;
    private final NDArray windows;
    private final List<NDArray> layers;
    /** Mapped files live as long as the arrays that point into them. */
    private final Map<String, Safetensors.Mapped> mapped;

    private BaseModel(
            ModelShape shape,
            Tokenizer tokenizer,
            ChatTemplate chatTemplate,
            GenerationDefaults servingDefaults,
            Supplier<String> digest,
            Map<String, Safetensors.Mapped> tensors,
            Device device,
            DataType type) {
        this.shape = shape;
        this.tokenizer = tokenizer;
        this.chatTemplate = chatTemplate;
        this.servingDefaults = servingDefaults;
        this.digests = digest;
        this.mapped = tensors;
        this.type = type;
        TorchEngine.load();
        this.manager = NDManager.newBaseManager(device);
        this.script = new TorchScript(manager, shape.attributes());
        this.embedding = weight(EMBEDDING);
        this.norm = weight(NORM);
        this.head = shape.tied() ? embedding : weight(HEAD);
        this.frequencies = frequencies(manager, shape);
        this.layers = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = layer(layer);
            layerWeights(shape).forEach((name, dimensions) -> {
                NDArray array =
                        dimensions.length == 0 ? manager.create(new float[0], new Shape(0)) : weight(prefix + name);
                array.setName("weights[]");
                layers.add(array);
            });
        }
        this.windows = manager.create(
                shape.windows().stream().mapToLong(Integer::longValue).toArray());
    }

    /** Opens a directory on the processor. */
    public static BaseModel open(Path directory) {
        return open(directory, Device.cpu());
    }

    /**
     * Opens a directory; the error names the file and what is wrong with it. On the processor weights are F32, and those that
     * are stored so are mapped, not copied; on a GPU they are BF16, with adapters in F32.
     */
    public static BaseModel open(Path directory, Device device) {
        return open(directory, device, device.isGpu() ? DataType.BFLOAT16 : DataType.FLOAT32);
    }

    /** The same with weights and activations of either type on any device. */
    static BaseModel open(Path directory, Device device, DataType type) {
        if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
            throw new LearningException("base model " + directory + " is not a readable directory");
        }
        for (String name : List.of("config.json", "tokenizer.json")) {
            if (!Files.isReadable(directory.resolve(name))) {
                throw new LearningException("base model " + directory + " has no readable " + name);
            }
        }
        // Whatever cannot be used is refused before any weight is read.
        ModelShape shape = ModelShape.read(directory.resolve("config.json"));
        Tokenizer tokenizer = Tokenizer.open(directory, shape.vocabulary());
        ChatTemplate chatTemplate = ChatTemplate.open(directory);
        GenerationDefaults servingDefaults = GenerationDefaults.forServing(directory);
        List<Path> files = BaseFiles.weights(directory);
        Map<String, Safetensors.Mapped> tensors = new java.util.HashMap<>();
        files.forEach(file -> tensors.putAll(Safetensors.map(file)));
        check(shape, tensors);
        return new BaseModel(
                shape,
                tokenizer,
                chatTemplate,
                servingDefaults,
                () -> BaseFiles.digest(directory, files),
                tensors,
                device,
                type);
    }

    /** Weights of one layer in the order of the scripts: name within the layer, and dimensions; none where it has none. */
    static Map<String, long[]> layerWeights(ModelShape shape) {
        Map<String, long[]> weights = new LinkedHashMap<>();
        for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
            int[] size = shape.projectionSize(projection);
            weights.put(
                    ModelShape.block(projection) + "." + ModelShape.PROJECTIONS.get(projection) + ".weight",
                    new long[] {size[0], size[1]});
        }
        weights.put("input_layernorm.weight", new long[] {shape.hidden()});
        weights.put("post_attention_layernorm.weight", new long[] {shape.hidden()});
        for (int projection = 0; projection < 4; projection++) {
            boolean biased = projection < 3 ? shape.inputBiases() : shape.outputBias();
            weights.put(
                    "self_attn." + ModelShape.PROJECTIONS.get(projection) + ".bias",
                    biased ? new long[] {shape.projectionSize(projection)[0]} : new long[0]);
        }
        long[] headNorm = shape.headNorms() ? new long[] {shape.headWidth()} : new long[0];
        weights.put("self_attn.q_norm.weight", headNorm);
        weights.put("self_attn.k_norm.weight", headNorm);
        return weights;
    }

    /** [E / 2] rotary frequencies. */
    static NDArray frequencies(NDManager manager, ModelShape shape) {
        List<Double> inverse = shape.rotary().inverse();
        float[] values = new float[inverse.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = inverse.get(i).floatValue();
        }
        return manager.create(values);
    }

    /** Every tensor that a shape calls for, with its dimensions. */
    private static Map<String, long[]> tensors(ModelShape shape) {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        tensors.put(EMBEDDING, new long[] {shape.vocabulary(), shape.hidden()});
        tensors.put(NORM, new long[] {shape.hidden()});
        if (!shape.tied()) {
            tensors.put(HEAD, new long[] {shape.vocabulary(), shape.hidden()});
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = layer(layer);
            layerWeights(shape).forEach((name, dimensions) -> {
                if (dimensions.length > 0) {
                    tensors.put(prefix + name, dimensions);
                }
            });
        }
        return tensors;
    }

    private static String layer(int layer) {
        return "model.layers." + layer + ".";
    }

    private static void check(ModelShape shape, Map<String, Safetensors.Mapped> files) {
        tensors(shape).forEach((name, dimensions) -> {
            Safetensors.Mapped tensor = files.get(name);
            if (tensor == null) {
                throw new LearningException(
                        "the base model has no tensor " + name + ", which its config.json calls for");
            }
            if (!Arrays.equals(tensor.shape(), dimensions)) {
                throw new LearningException("tensor " + name + " has the shape " + Arrays.toString(tensor.shape())
                        + "; config.json calls for " + Arrays.toString(dimensions));
            }
        });
    }

    /** Mapped where it can be used as it is; else converted by the engine, outside of the heap. */
    private NDArray weight(String name) {
        Safetensors.Mapped tensor = Objects.requireNonNull(mapped.get(name), name);
        Shape size = new Shape(tensor.shape());
        boolean gpu = manager.getDevice().isGpu();
        if (!gpu && type == DataType.FLOAT32 && tensor.type().equals("F32")) {
            return manager.create(tensor.data(), size, DataType.FLOAT32);
        }
        try (NDManager host = NDManager.newBaseManager(Device.cpu())) {
            // DJL knows no bfloat16: on its way to a device, or to another type, such an array would end the process.
            NDArray bits =
                    host.create(tensor.data(), size, tensor.type().equals("F32") ? DataType.FLOAT32 : DataType.FLOAT16);
            NDArray there = gpu ? bits.toDevice(manager.getDevice(), true) : bits;
            NDArray stored = tensor.type().equals("BF16") ? one("as_brain", there) : there;
            NDArray wanted = one(type == DataType.FLOAT32 ? "to_float" : "to_brain", stored);
            wanted.attach(manager);
            return wanted;
        }
    }

    /** Where it computes: {@code cpu} or {@code cuda:N}. */
    public String device() {
        Device device = manager.getDevice();
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }

    /** What a method of the script makes of one array. */
    NDArray one(String method, NDArray of) {
        return script.infer(method, new NDList(of)).get(0);
    }

    /** Zeros of the type that weights and activations have. */
    NDArray zeros(NDManager scope, Shape size) {
        // DJL makes no bfloat16 and ends the process where it is asked to; no bits are zero in either type.
        if (type == DataType.FLOAT32) {
            return scope.zeros(size, DataType.FLOAT32);
        }
        try (NDArray bits = scope.zeros(size, DataType.FLOAT16)) {
            return one("as_brain", bits);
        }
    }

    public ModelShape shape() {
        return shape;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    public ChatTemplate chatTemplate() {
        return chatTemplate;
    }

    /** How a completion is sampled that does not say it. */
    public GenerationDefaults servingDefaults() {
        return servingDefaults;
    }

    /** SHA-256 over configuration, tokenizer and weights, hex; adapters are bound to it. */
    public synchronized String digest() {
        // Reading every byte takes longer than opening: done once, where it is asked for.
        String known = digest == null ? digests.get() : digest;
        digest = known;
        return known;
    }

    /** As the settings name it: {@code cpu} or {@code cuda:N}. */
    public String deviceName() {
        return manager.getDevice().isGpu() ? "cuda:" + manager.getDevice().getDeviceId() : "cpu";
    }

    /** Bytes that the device has, whoever uses them. */
    public long deviceMemory() {
        return DeviceMemory.total(manager.getDevice());
    }

    /**
     * Bytes that the device has free for an update. Empty on a GPU, where what the engine keeps for its next arrays counts as
     * used.
     */
    public Optional<Long> memoryForAnUpdate() {
        return manager.getDevice().isGpu() ? Optional.empty() : Optional.of(freeMemory());
    }

    /** Bytes that the device has free for more arrays, as far as it can be known. */
    long freeMemory() {
        return DeviceMemory.free(manager.getDevice());
    }

    /** Bytes of one number of the activations. */
    int bytesANumber() {
        return dataType().getNumOfBytes();
    }

    TorchScript script() {
        return script;
    }

    /** A scope for arrays on the model's device, such as those of one step; close it. */
    public NDManager scope() {
        return manager.newSubManager();
    }

    /** How a decoder of so many rows multiplies; found once, which takes some products with each size of matrix. */
    synchronized RowProducts rowProducts(int capacity) {
        List<NDArray> layer = layers.subList(0, ModelShape.PROJECTIONS.size());
        if (capacity <= RowProducts.FEW) {
            RowProducts few = fewRows == null ? RowProducts.few(script, layer, head) : fewRows;
            fewRows = few;
            return few;
        }
        RowProducts many = manyRows == null ? RowProducts.many(script, layer, head) : manyRows;
        manyRows = many;
        return many;
    }

    /** The model's part of every script call: embedding, norm, head, frequencies, windows, weights. */
    NDList arguments() {
        NDList list = new NDList(embedding, norm, head, frequencies, windows);
        list.addAll(layers);
        return list;
    }

    /** The same, then lora and scales. */
    NDList arguments(Adapter adapter) {
        NDList list = arguments();
        list.addAll(adapter.tensors());
        list.add(adapter.scale());
        return list;
    }

    /** Of weights and activations. */
    DataType dataType() {
        return type;
    }

    @Override
    public void close() {
        manager.close();
        tokenizer.close();
    }
}
