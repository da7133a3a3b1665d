package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter of one base: A [R, in] and B [out, R] for each covered projection of each layer, empty arrays elsewhere,
 * so that the bare base is the adapter that covers nothing. Immutable but for the training that made it; close it when
 * nobody reads it any more.
 */
public final class Adapter implements AutoCloseable {
    private final Optional<LoraSettings> settings;
    private final NDManager manager;
    private final List<NDArray> tensors;
    private final NDArray scale;

    private Adapter(Optional<LoraSettings> settings, NDManager manager, List<NDArray> tensors) {
        this.settings = settings;
        this.manager = manager;
        this.tensors = List.copyOf(tensors);
        this.tensors.forEach(tensor -> tensor.setName("lora[]"));
        float[] scales = new float[tensors.size() / 2];
        java.util.Arrays.fill(
                scales, settings.map(s -> (float) (s.alpha() / s.rank())).orElse(0f));
        this.scale = manager.create(scales);
    }

    /** The bare base. */
    public static Adapter none(BaseModel base) {
        NDManager manager = base.scope();
        return new Adapter(Optional.empty(), manager, layout(base.shape(), manager, 0, (place, rows, columns) -> null));
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

    /** An adapter with the given values wherever the settings' targets call for them. */
    static Adapter build(BaseModel base, LoraSettings settings, Values values) {
        NDManager manager = base.scope();
        return new Adapter(
                Optional.of(settings),
                manager,
                layout(
                        base.shape(),
                        manager,
                        settings.rank(),
                        (place, rows, columns) ->
                                settings.covers(place.projection()) ? values.of(place, rows, columns) : null));
    }

    /**
     * Which tensor of an adapter.
     *
     * @param projection index into {@link ModelShape#PROJECTIONS}
     * @param down whether it is A, which goes down to the rank, or B, which comes up from it
     */
    record Place(int layer, int projection, boolean down) {
        /** The module's path in a Hugging Face model. */
        String module() {
            return "model.layers." + layer + "." + ModelShape.block(projection) + "."
                    + ModelShape.PROJECTIONS.get(projection);
        }
    }

    /** Where the values of one A or B come from, row after row; null where there is none. */
    interface Values {
        float @Nullable [] of(Place place, int rows, int columns);
    }

    /** All places of a shape, in the order of the scripts. */
    static List<Place> places(ModelShape shape) {
        List<Place> places = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
                places.add(new Place(layer, projection, true));
                places.add(new Place(layer, projection, false));
            }
        }
        return places;
    }

    private static List<NDArray> layout(ModelShape shape, NDManager manager, int rank, Values values) {
        List<NDArray> tensors = new ArrayList<>();
        for (Place place : places(shape)) {
            int[] size = shape.projectionSize(place.projection());
            int rows = place.down() ? rank : size[0];
            int columns = place.down() ? size[1] : rank;
            float[] filled = values.of(place, rows, columns);
            tensors.add(
                    filled == null
                            ? manager.zeros(new Shape(0), DataType.FLOAT32)
                            : manager.create(filled, new Shape(rows, columns)));
        }
        return tensors;
    }

    /** A copy that training may change. */
    Adapter copy(BaseModel base) {
        NDManager target = base.scope();
        return new Adapter(settings, target, copies(target, "lora[]"));
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

    NDArray scale() {
        return scale;
    }

    @Override
    public void close() {
        manager.close();
    }
}
