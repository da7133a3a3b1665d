package dev.perennial.learning.continual;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.Penalty;

/**
 * Elastic weight consolidation (Kirkpatrick et al. 2017, equation 3): lambda / 2 * sum over the parameters of
 * F_i (theta_i - anchor_i)², with one anchor and one accumulated Fisher for all earlier updates (Schwarz et al. 2018). Its
 * gradient is lambda F_i (theta_i - anchor_i).
 *
 * <p>As a Fisher has mean 1 after one update, lambda d² / 2 nats is what a change by a vector of length d costs that is as large
 * where it matters as where it does not. Costs eight bytes a parameter and one pass over the parameters a step.
 */
final class ElasticPenalty implements Penalty {
    private final double lambda;
    private final NDManager manager;
    private final NDList importance;
    private final NDList anchor;

    /**
     * @param anchor the adapter that training starts from
     * @throws dev.perennial.learning.LearningException where the Fisher is not of an adapter of the anchor's shape
     */
    ElasticPenalty(BaseModel base, Adapter anchor, Fisher fisher, double lambda) {
        this.lambda = lambda;
        this.manager = base.scope();
        try {
            this.importance = fisher.values().arrays(base, anchor, manager, "importance[]");
            this.anchor = ParameterValues.of(base, anchor).arrays(base, anchor, manager, "anchor[]");
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    @Override
    public double add(Parameters parameters) {
        NDList last = new NDList(importance);
        last.addAll(anchor);
        return parameters.call("elastic", new NDList(parameters.number(lambda)), last);
    }

    @Override
    public void close() {
        manager.close();
    }
}
