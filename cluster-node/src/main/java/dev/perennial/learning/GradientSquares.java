package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** Squares of the gradient of single sequences: of a batch's gradient they would be something else. */
public final class GradientSquares {
    private GradientSquares() {}

    /**
     * Mean over the sequences of the squared gradient of log p(learned tokens | those before them), by each parameter of the
     * adapter, without dropout. Costs a forward and a backward pass a sequence.
     *
     * @param sequences at least one
     * @param between called before each sequence; what it throws ends the work
     */
    public static ParameterValues mean(BaseModel base, Adapter adapter, List<Sequence> sequences, Runnable between) {
        if (sequences.isEmpty()) {
            throw new LearningException("a mean of squared gradients needs at least one sequence; got none");
        }
        try (NDManager scope = base.scope();
                Adapter none = Adapter.none(base)) {
            LoraGradients gradients = new LoraGradients(
                    scope, base, adapter, 0, none, none, LoraTraining.Objective.PLAIN, 0, MemoryPlan.automatic(base));
            NDList squares = new NDList();
            for (NDArray gradient : gradients.arrays()) {
                NDArray square = scope.zeros(gradient.getShape());
                square.setName("squares[]");
                squares.add(square);
            }
            for (Sequence sequence : sequences) {
                between.run();
                gradients.accumulate(gradients.work(new LossTerm.Likelihood(1, List.of(sequence), List.of())), 0);
                // The loss is the mean over the learned tokens.
                add(base, sequence.learned() / Math.sqrt(sequences.size()), gradients.arrays(), squares);
            }
            return ParameterValues.of(base, adapter, squares);
        }
    }

    private static void add(BaseModel base, double factor, NDList gradients, NDList squares) {
        try (NDManager step = base.scope()) {
            NDList arguments = new NDList(step.create((float) factor));
            arguments.addAll(gradients);
            arguments.addAll(squares);
            base.script().infer("add_squares", arguments);
        }
    }
}
