package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * A number for each parameter of an adapter, such as how much it matters. Immutable; on the heap, four bytes a parameter.
 */
public final class ParameterValues {
    private static final String PREFIX = "base_model.model.";

    /** By the parameters' names in PEFT, in the order of {@link Adapter#places}. */
    private final Map<String, Safetensors.Tensor> tensors;

    private ParameterValues(Map<String, Safetensors.Tensor> tensors) {
        this.tensors = tensors;
    }

    /** The parameters themselves. */
    public static ParameterValues of(BaseModel base, Adapter adapter) {
        return of(base, adapter, adapter.tensors());
    }

    /** @param arrays as many and of such shapes as the adapter's tensors */
    static ParameterValues of(BaseModel base, Adapter adapter, List<NDArray> arrays) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        List<Adapter.Place> places = Adapter.places(base.shape());
        for (int i = 0; i < places.size(); i++) {
            if (adapter.tensors().get(i).getShape().size() > 0) {
                tensors.put(name(places.get(i)), HostValues.tensor(arrays.get(i)));
            }
        }
        return new ParameterValues(tensors);
    }

    private static String name(Adapter.Place place) {
        return PREFIX + place.module() + (place.down() ? ".lora_A.weight" : ".lora_B.weight");
    }

    /** Reads what {@link #write} wrote. */
    public static ParameterValues read(Path file) {
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(file);
        if (tensors.isEmpty()) {
            throw new LearningException(file + " holds no values of parameters");
        }
        return new ParameterValues(tensors);
    }

    /** What {@link #write} was given under a name. */
    public static Optional<String> note(Path file, String name) {
        return Safetensors.metadata(file, name);
    }

    /** Writes a safetensors file with the names that PEFT gives the parameters; it is whole or not there. */
    public void write(Path file, Map<String, String> notes) {
        Safetensors.write(file, tensors, notes);
    }

    /** Row after row, by name. */
    public Map<String, float[]> values() {
        Map<String, float[]> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> values.put(name, tensor.floats()));
        return values;
    }

    public long count() {
        return tensors.values().stream().mapToLong(Safetensors.Tensor::elements).sum();
    }

    public double mean() {
        double sum = 0;
        for (Safetensors.Tensor tensor : tensors.values()) {
            for (float value : tensor.floats()) {
                sum += value;
            }
        }
        return sum / count();
    }

    /** The same function of each. */
    public ParameterValues map(DoubleUnaryOperator function) {
        Map<String, Safetensors.Tensor> mapped = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            float[] values = tensor.floats();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) function.applyAsDouble(values[i]);
            }
            mapped.put(name, Safetensors.Tensor.of(values, tensor.shape()));
        });
        return new ParameterValues(mapped);
    }

    /**
     * The same function of each and its counterpart.
     *
     * @throws LearningException where the other is not of the same form
     */
    public ParameterValues with(ParameterValues other, DoubleBinaryOperator function) {
        checkForm(other.shapes());
        Map<String, Safetensors.Tensor> results = new LinkedHashMap<>();
        Map<String, float[]> others = other.values();
        tensors.forEach((name, tensor) -> {
            float[] values = tensor.floats();
            float[] second = others.getOrDefault(name, new float[0]);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) function.applyAsDouble(values[i], second[i]);
            }
            results.put(name, Safetensors.Tensor.of(values, tensor.shape()));
        });
        return new ParameterValues(results);
    }

    private Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) ->
                shapes.put(name, Arrays.stream(tensor.shape()).boxed().toList()));
        return shapes;
    }

    private static Map<String, List<Long>> shapes(BaseModel base, Adapter adapter) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        List<Adapter.Place> places = Adapter.places(base.shape());
        for (int i = 0; i < places.size(); i++) {
            Shape shape = adapter.tensors().get(i).getShape();
            if (shape.size() > 0) {
                shapes.put(
                        name(places.get(i)),
                        Arrays.stream(shape.getShape()).boxed().toList());
            }
        }
        return shapes;
    }

    private void checkForm(Map<String, List<Long>> expected) {
        Map<String, List<Long>> own = shapes();
        Stream.concat(expected.keySet().stream(), own.keySet().stream())
                .filter(name -> !Objects.equals(expected.get(name), own.get(name)))
                .findFirst()
                .ifPresent(name -> {
                    throw new LearningException("these values are of another adapter's parameters: expected " + name
                            + " of shape " + expected.get(name) + "; got " + own.get(name));
                });
    }

    /** Whether these are of the adapter's parameters. */
    public boolean fits(BaseModel base, Adapter adapter) {
        return shapes().equals(shapes(base, adapter));
    }

    /** @throws LearningException where these are not of the adapter's parameters */
    public void checkFits(BaseModel base, Adapter adapter) {
        checkForm(shapes(base, adapter));
    }

    /**
     * As arrays beside the adapter's, with empty ones where it has none.
     *
     * @param name what scripts call the list, such as {@code weights[]}
     * @throws LearningException where these are not of the adapter's parameters
     */
    public NDList arrays(BaseModel base, Adapter adapter, NDManager scope, String name) {
        checkFits(base, adapter);
        List<NDArray> arrays = new ArrayList<>();
        for (Adapter.Place place : Adapter.places(base.shape())) {
            Safetensors.Tensor tensor = tensors.get(name(place));
            NDArray array = tensor == null
                    ? scope.zeros(new Shape(0), DataType.FLOAT32)
                    : scope.create(tensor.floats(), new Shape(tensor.shape()));
            array.setName(name);
            arrays.add(array);
        }
        return new NDList(arrays);
    }
}
