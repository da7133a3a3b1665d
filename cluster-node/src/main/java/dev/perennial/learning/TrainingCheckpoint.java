package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A training between two steps as a safetensors file: the adapter, the optimiser's memory, the adapter that was set aside
 * and the place. The file is whole or not there.
 */
final class TrainingCheckpoint {
    private static final String STEPS = "perennial_steps";
    private static final String BUDGET = "perennial_memory_budget";
    private static final String MICRO_TOKENS = "perennial_micro_tokens";
    private static final String NOTE_NAMES = "perennial_notes";
    private static final String NOTE = "perennial_note_";
    private static final String KEPT = "kept";

    private TrainingCheckpoint() {}

    /**
     * @param steps done
     * @param notes names of letters and underscores, and any text
     */
    record Place(int steps, MemoryPlan plan, Map<String, String> notes) {}

    static void write(Path file, Adapter adapter, AdamW optimiser, @Nullable Adapter kept, Place place) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        arrays(adapter, optimiser, kept).forEach((name, array) -> tensors.put(name, HostValues.tensor(array)));
        Map<String, String> metadata = new TreeMap<>(Map.of(
                STEPS, String.valueOf(place.steps()),
                BUDGET, String.valueOf(place.plan().budget()),
                MICRO_TOKENS, String.valueOf(place.plan().microTokens()),
                NOTE_NAMES, String.join(",", place.notes().keySet())));
        place.notes().forEach((name, note) -> metadata.put(NOTE + name, note));
        Safetensors.write(file, tensors, metadata);
    }

    /** Whether an adapter was set aside. */
    static boolean hasKept(Path file) {
        return Safetensors.read(file).containsKey(KEPT + ".0");
    }

    /** Fills the arrays and answers the place. */
    static Place read(Path file, Adapter adapter, AdamW optimiser, @Nullable Adapter kept, MemoryPlan plan) {
        Map<String, NDArray> arrays = arrays(adapter, optimiser, kept);
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(file);
        arrays.forEach((name, array) -> {
            Safetensors.Tensor tensor = tensors.get(name);
            if (tensor == null
                    || !Arrays.equals(tensor.shape(), array.getShape().getShape())) {
                throw new LearningException(file + " is no checkpoint of this training: expected " + name + " of shape "
                        + array.getShape() + "; got " + (tensor == null ? "none" : Arrays.toString(tensor.shape())));
            }
        });
        if (!tensors.keySet().equals(arrays.keySet())) {
            throw new LearningException(file + " is no checkpoint of this training: it has other tensors");
        }
        Place place = place(file, plan);
        arrays.forEach((name, array) ->
                array.set(Objects.requireNonNull(tensors.get(name)).floats()));
        return place;
    }

    private static Place place(Path file, MemoryPlan plan) {
        return new Place(
                Integer.parseInt(metadata(file, STEPS, "\\d{1,9}")),
                new MemoryPlan(
                        plan.shape(),
                        plan.bytesANumber(),
                        Long.parseLong(metadata(file, BUDGET, "\\d{1,18}")),
                        Integer.parseInt(metadata(file, MICRO_TOKENS, "\\d{1,9}"))),
                notes(file));
    }

    static Map<String, String> notes(Path file) {
        Map<String, String> notes = new TreeMap<>();
        for (String name : metadata(file, NOTE_NAMES, "[a-z_,]*").split(",", -1)) {
            if (!name.isEmpty()) {
                notes.put(name, metadata(file, NOTE + name, "(?s).*"));
            }
        }
        return notes;
    }

    private static String metadata(Path file, String name, String pattern) {
        return Safetensors.metadata(file, name)
                .filter(value -> value.matches(pattern))
                .orElseThrow(() ->
                        new LearningException(file + " is no checkpoint of this training: it has no good " + name));
    }

    private static Map<String, NDArray> arrays(Adapter adapter, AdamW optimiser, @Nullable Adapter kept) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        put(arrays, "lora", adapter.trainable());
        put(arrays, "first", optimiser.first());
        put(arrays, "second", optimiser.second());
        put(arrays, "steps", optimiser.steps());
        if (kept != null) {
            put(arrays, KEPT, kept.trainable());
        }
        return arrays;
    }

    private static void put(Map<String, NDArray> arrays, String name, List<NDArray> list) {
        for (int i = 0; i < list.size(); i++) {
            arrays.put(name + "." + i, list.get(i));
        }
    }
}
