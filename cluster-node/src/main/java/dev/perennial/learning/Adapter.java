package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A LoRA adapter of one base: A [R, in] and B [out, R] for each covered projection of each layer, where R is the
 * projection's own, and empty arrays elsewhere, so that the bare base is the adapter that covers nothing. Immutable but for the training that made it; close it when
 * nobody reads it any more.
 */
public final class Adapter implements AutoCloseable {
    private final Optional<LoraSettings> settings;
    private final NDManager manager;
    private final List<NDArray> tensors;
    private final NDArray scale;

    private Adapter(BaseModel base, Optional<LoraSettings> settings, NDManager manager, List<NDArray> tensors) {
        this.settings = settings;
        this.manager = manager;
        this.tensors = List.copyOf(tensors);
        this.tensors.forEach(tensor -> tensor.setName("lora[]"));
        this.scale = manager.create(scales(base.shape().layers(), settings));
    }

    private static float[] scales(int layers, Optional<LoraSettings> settings) {
        int projections = ModelShape.PROJECTIONS.size();
        float[] scales = new float[layers * projections];
        for (int i = 0; i < scales.length && settings.isPresent(); i++) {
            scales[i] = (float) settings.get().scale(i / projections, i % projections);
        }
        return scales;
    }

    /** The bare base. */
    public static Adapter none(BaseModel base) {
        return build(base, Optional.empty(), (place, rows, columns) -> {
            throw new AssertionError(place);
        });
    }

    /** A new adapter that changes nothing yet: A uniform in ±1/sqrt(in) (as PEFT's default), B zero. */
    public static Adapter fresh(BaseModel base, LoraSettings settings, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return build(base, settings, (place, rows, columns) -> {
            float[] values = new float[rows * columns];
            if (place.down()) {
                double bound = 1 / Math.sqrt(columns);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                }
            }
            return values;
        });
    }

    /**
     * An adapter with the given values wherever the settings call for them.
     *
     * @throws LearningException where the settings match no layer of the base, and whatever the values throw
     */
    public static Adapter build(BaseModel base, LoraSettings settings, Values values) {
        settings.checkAgainst(base.shape().layers());
        return build(base, Optional.of(settings), values);
    }

    private static Adapter build(BaseModel base, Optional<LoraSettings> settings, Values values) {
        NDManager manager = base.scope();
        try {
            return new Adapter(base, settings, manager, layout(base.shape(), manager, settings, values));
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /**
     * Which tensor of an adapter.
     *
     * @param projection index into {@link ModelShape#PROJECTIONS}
     * @param down whether it is A, which goes down to the rank, or B, which comes up from it
     */
    public record Place(int layer, int projection, boolean down) {
        /** The module's path in a Hugging Face model, such as {@code model.layers.1.self_attn.q_proj}. */
        public String module() {
            return new LoraModule(layer, projection).path();
        }
    }

    /** Where the values of one A or B come from, row after row. */
    public interface Values {
        float[] of(Place place, int rows, int columns);
    }

    /** All places of a shape, in the order of the scripts. */
    public static List<Place> places(ModelShape shape) {
        List<Place> places = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
                places.add(new Place(layer, projection, true));
                places.add(new Place(layer, projection, false));
            }
        }
        return places;
    }

    private static List<NDArray> layout(
            ModelShape shape, NDManager manager, Optional<LoraSettings> settings, Values values) {
        List<NDArray> tensors = new ArrayList<>();
        for (Place place : places(shape)) {
            boolean covered = settings.isPresent() && settings.get().covers(place.layer(), place.projection());
            tensors.add(
                    covered
                            ? filled(shape, manager, settings.get(), place, values)
                            : manager.zeros(new Shape(0), DataType.FLOAT32));
        }
        return tensors;
    }

    private static NDArray filled(
            ModelShape shape, NDManager manager, LoraSettings settings, Place place, Values values) {
        int[] size = shape.projectionSize(place.projection());
        int rank = settings.rank(place.layer(), place.projection());
        int rows = place.down() ? rank : size[0];
        int columns = place.down() ? size[1] : rank;
        return manager.create(values.of(place, rows, columns), new Shape(rows, columns));
    }

    /** The values of one A or B, row after row; none where the adapter has none there. */
    public float[] values(Place place) {
        NDArray tensor = tensors.get(
                2 * (place.layer() * ModelShape.PROJECTIONS.size() + place.projection()) + (place.down() ? 0 : 1));
        return tensor.getShape().size() == 0 ? new float[0] : HostValues.of(tensor);
    }

    /** A copy that training may change. */
    Adapter copy(BaseModel base) {
        NDManager target = base.scope();
        return new Adapter(base, settings, target, copies(target, "lora[]"));
    }

    /** Copies of the tensors under another name of the scripts, in the given scope. */
    List<NDArray> copies(NDManager scope, String name) {
        List<NDArray> copies = new ArrayList<>();
        for (NDArray tensor : tensors) {
            NDArray duplicate = tensor.duplicate();
            duplicate.attach(scope);
            duplicate.setName(name);
            copies.add(duplicate);
        }
        return copies;
    }

    /** Rank, alpha and targets; empty for the bare base. */
    public Optional<LoraSettings> settings() {
        return settings;
    }

    List<NDArray> tensors() {
        return tensors;
    }

    /** The tensors that are there. */
    List<NDArray> trainable() {
        return tensors.stream().filter(tensor -> tensor.getShape().size() > 0).toList();
    }

    /** [layers * 7] what B A is multiplied by, in the order of {@link #places}; 0 where there is none. */
    NDArray scale() {
        return scale;
    }

    @Override
    public void close() {
        manager.close();
    }
}
