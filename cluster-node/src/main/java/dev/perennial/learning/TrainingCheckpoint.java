package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A training between two steps as a safetensors file: the adapter, the optimiser's memory and the count of steps. */
final class TrainingCheckpoint {
    private static final String STEPS = "perennial_steps";

    private TrainingCheckpoint() {}

    static void write(Path file, Adapter adapter, AdamW optimiser, int steps) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        arrays(adapter, optimiser).forEach((name, array) -> tensors.put(name, FullTraining.tensor(array)));
        Safetensors.write(file, tensors, Map.of(STEPS, String.valueOf(steps)));
    }

    /** Answers the count of steps. */
    static int read(Path file, Adapter adapter, AdamW optimiser) {
        Map<String, NDArray> arrays = arrays(adapter, optimiser);
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(file);
        String steps = Safetensors.metadata(file, STEPS).orElse("");
        arrays.forEach((name, array) -> {
            Safetensors.Tensor tensor = tensors.get(name);
            if (tensor == null
                    || !Arrays.equals(tensor.shape(), array.getShape().getShape())) {
                throw new LearningException(file + " is no checkpoint of this training: expected " + name + " of shape "
                        + array.getShape() + "; got " + (tensor == null ? "none" : Arrays.toString(tensor.shape())));
            }
        });
        if (!tensors.keySet().equals(arrays.keySet()) || !steps.matches("\\d{1,9}")) {
            throw new LearningException(
                    file + " is no checkpoint of this training: it has other tensors or no count of steps");
        }
        arrays.forEach((name, array) -> {
            Safetensors.Tensor tensor = java.util.Objects.requireNonNull(tensors.get(name));
            float[] values = new float[(int) tensor.elements()];
            tensor.data()
                    .duplicate()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            array.set(values);
        });
        return Integer.parseInt(steps);
    }

    private static Map<String, NDArray> arrays(Adapter adapter, AdamW optimiser) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        put(arrays, "lora", adapter.trainable());
        put(arrays, "first", optimiser.first());
        put(arrays, "second", optimiser.second());
        put(arrays, "steps", optimiser.steps());
        return arrays;
    }

    private static void put(Map<String, NDArray> arrays, String name, List<NDArray> list) {
        for (int i = 0; i < list.size(); i++) {
            arrays.put(name + "." + i, list.get(i));
        }
    }
}
