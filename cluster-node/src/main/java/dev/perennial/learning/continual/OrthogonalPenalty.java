package dev.perennial.learning.continual;

import ai.djl.ndarray.NDList;
import dev.perennial.learning.Penalty;
import java.util.List;

/**
 * Keeps what a stacked adapter learns in a subspace orthogonal to the one beneath (O-LoRA, Wang et al. 2023, equations 6 and 7):
 * lambda * sum over the projections of |A_held A_new^T|², the squared Frobenius norm of the products of held and new rows of A.
 * The gradient by A_new is 2 lambda (A_held A_new^T)^T A_held; the held rows have none. (The paper's formula squares the
 * products as this does; its published code sums their absolute values.)
 *
 * <p>Costs two products of [held, in] and [new, in] a projection and step: little beside a batch, growing with the stack.
 */
final class OrthogonalPenalty implements Penalty {
    private final double lambda;
    private final long[] held;

    /** @param held ranks of each projection, as {@link Stacking} has them */
    OrthogonalPenalty(List<Integer> held, double lambda) {
        this.lambda = lambda;
        this.held = held.stream().mapToLong(Integer::longValue).toArray();
    }

    @Override
    public double add(Parameters parameters) {
        return parameters.call(
                "orthogonal", new NDList(parameters.number(lambda), parameters.numbers(held)), new NDList());
    }

    @Override
    public void close() {
        // it holds no arrays
    }
}
