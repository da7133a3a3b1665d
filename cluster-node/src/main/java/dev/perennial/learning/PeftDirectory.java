package dev.perennial.learning;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Adapters of a base, read from and written to directories as Hugging Face PEFT has them. */
public final class PeftDirectory {
    private PeftDirectory() {}

    /** Writes an adapter; the base's digest is recorded, so that it is never read onto another base. */
    public static void write(BaseModel base, Adapter adapter, Path directory) {
        LoraSettings settings = adapter.settings()
                .orElseThrow(() -> new LearningException("the bare base is no adapter that could be written"));
        List<Adapter.Place> places = Adapter.places(base.shape());
        Map<LoraModule, AdapterFiles.Factors> modules = new TreeMap<>();
        for (int i = 0; i < places.size(); i += 2) {
            LoraModule module =
                    new LoraModule(places.get(i).layer(), places.get(i).projection());
            if (settings.covers(module.layer(), module.projection())) {
                modules.put(
                        module,
                        new AdapterFiles.Factors(
                                HostValues.tensor(adapter.tensors().get(i)),
                                HostValues.tensor(adapter.tensors().get(i + 1))));
            }
        }
        new AdapterFiles(settings, Optional.of(base.digest()), modules).write(directory);
    }

    /**
     * Reads an adapter for this base.
     *
     * @throws LearningException where it was made for another base, uses what the engine does not compute, or its tensors
     *     are not exactly those that its configuration calls for
     */
    public static Adapter read(BaseModel base, Path directory) {
        AdapterFiles files = AdapterFiles.read(directory);
        String digest = files.baseDigest().orElse(base.digest());
        if (!digest.equals(base.digest())) {
            throw new LearningException("the adapter in " + directory + " was trained on another base: digest " + digest
                    + ", this base has " + base.digest());
        }
        Set<String> unread = new TreeSet<>(files.paths());
        try {
            Adapter adapter = Adapter.build(base, files.settings(), (place, rows, columns) -> {
                unread.remove(place.module());
                return values(files, place, rows, columns);
            });
            if (!unread.isEmpty()) {
                adapter.close();
                throw new LearningException("it holds tensors that match no layer of the base, which has "
                        + base.shape().layers() + " layers: "
                        + String.join(", ", unread.stream().limit(3).toList()));
            }
            return adapter;
        } catch (LearningException e) {
            throw new LearningException("the adapter in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static float[] values(AdapterFiles files, Adapter.Place place, int rows, int columns) {
        AdapterFiles.Factors factors = files.factors(new LoraModule(place.layer(), place.projection()));
        Safetensors.Tensor tensor = place.down() ? factors.down() : factors.up();
        String expected = "expected " + (place.down() ? "lora_A" : "lora_B") + " of " + place.module() + " of shape ["
                + rows + ", " + columns + "]; got ";
        if (!Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
            throw new LearningException(expected + Arrays.toString(tensor.shape()));
        }
        float[] values = tensor.floats();
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new LearningException(expected + "a value that is " + value);
            }
        }
        return values;
    }
}
