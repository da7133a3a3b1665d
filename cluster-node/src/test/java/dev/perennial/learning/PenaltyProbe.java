package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** What a penalty comes to at an adapter. */
public final class PenaltyProbe {
    private PenaltyProbe() {}

    /** @param gradients of the tensors that are there: A, then B, of each projection */
    public record Result(double value, List<float[]> gradients) {}

    public static Result of(BaseModel base, Adapter adapter, Penalty penalty) {
        try (NDManager scope = base.scope()) {
            NDList gradients = new NDList();
            for (NDArray tensor : adapter.tensors()) {
                NDArray gradient = scope.zeros(tensor.getShape());
                gradient.setName("gradients[]");
                gradients.add(gradient);
            }
            double value = penalty.add(new Penalty.Parameters(base, scope, new NDList(adapter.tensors()), gradients));
            return new Result(
                    value,
                    gradients.stream()
                            .filter(gradient -> gradient.getShape().size() > 0)
                            .map(NDArray::toFloatArray)
                            .toList());
        }
    }
}
