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

    /** The gradient of one sequence's mean cross-entropy, of the tensors that are there. */
    public static List<float[]> gradients(BaseModel base, Adapter adapter, Sequence sequence) {
        try (LoraTraining training = new LoraTraining(
                base, adapter, adapter, LoraTraining.Objective.PLAIN, 0, MemoryPlan.keepingAll(base))) {
            List<float[]> results = training.gradients(List.of(sequence), List.of());
            return results.subList(1, results.size());
        }
    }

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
