package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Pre-trains every weight of a model with tied embeddings from nothing: normal initialisation with standard deviation
 * 0.02, projections into the residual stream scaled by 1/sqrt(2 layers) (GPT-2), norms at one. For one thread.
 */
public final class FullTraining implements AutoCloseable {
    private static final double CLIP = 1.0;
    private static final double BETA2 = 0.98;
    private static final double SPREAD = 0.02;

    private final ModelShape shape;
    private final int padToken;
    private final NDManager manager;
    private final TorchScript script;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final NDArray frequencies;
    private final List<NDArray> layers = new ArrayList<>();
    private final AdamW optimiser;

    public FullTraining(ModelShape shape, int padToken, long seed) {
        if (!shape.tied()) {
            throw new LearningException("pre-training expects tied embeddings");
        }
        this.shape = shape;
        this.padToken = padToken;
        TorchEngine.load();
        this.manager = NDManager.newBaseManager(Device.cpu());
        this.script = new TorchScript(manager, shape.attributes());
        SplittableRandom random = new SplittableRandom(seed);
        double residual = SPREAD / Math.sqrt(2.0 * shape.layers());
        weights.put("model.embed_tokens.weight", normal(random, SPREAD, shape.vocabulary(), shape.hidden()));
        weights.put("model.norm.weight", manager.ones(new Shape(shape.hidden())));
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            BaseModel.layerWeights(shape).forEach((name, size) -> {
                if (size.length > 0) {
                    boolean intoResidual = name.contains("o_proj") || name.contains("down_proj");
                    weights.put(
                            prefix + name,
                            size.length == 1
                                    ? manager.ones(new Shape(size))
                                    : normal(random, intoResidual ? residual : SPREAD, size));
                }
            });
        }
        weights.values().forEach(weight -> weight.setRequiresGradient(true));
        this.frequencies = BaseModel.frequencies(manager, shape);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            for (String name : BaseModel.layerWeights(shape).keySet()) {
                NDArray weight = weights.get(prefix + name);
                NDArray placed = weight == null ? manager.create(new float[0], new Shape(0)) : weight;
                placed.setName("weights[]");
                layers.add(placed);
            }
        }
        this.optimiser = new AdamW(manager, List.copyOf(weights.values()));
    }

    private NDArray normal(SplittableRandom random, double spread, long... size) {
        float[] values = new float[(int) (size[0] * size[1])];
        java.util.Random gaussian = new java.util.Random(random.nextLong());
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (gaussian.nextGaussian() * spread);
        }
        return manager.create(values, new Shape(size));
    }

    /**
     * One optimiser step over a batch.
     *
     * @return mean cross-entropy over the learned tokens, nats
     */
    public double step(List<Sequence> sequences, double learningRate, double weightDecay) {
        Batch batch = Batch.of(sequences, padToken);
        try (NDManager scope = manager.newSubManager()) {
            List<NDArray> all = List.copyOf(weights.values());
            NDList arguments = batch.input(scope);
            arguments.add(batch.targetsArray(scope));
            arguments.add(AdamW.hyper(scope, learningRate, learningRate, weightDecay, CLIP, BETA2));
            arguments.add(all.get(0));
            arguments.add(all.get(1));
            arguments.add(frequencies);
            arguments.addAll(layers);
            arguments.addAll(optimiser.arguments());
            NDList results = script.train("full_step", arguments);
            double loss = results.get(0).getFloat();
            if (!Double.isFinite(loss)) {
                throw new LearningException("pre-training diverged: loss " + loss);
            }
            return loss;
        }
    }

    /** Writes {@code model.safetensors}. */
    public void save(Path file) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        weights.forEach((name, array) -> tensors.put(name, HostValues.tensor(array)));
        Safetensors.write(file, tensors);
    }

    public ModelShape shape() {
        return shape;
    }

    @Override
    public void close() {
        manager.close();
    }
}
