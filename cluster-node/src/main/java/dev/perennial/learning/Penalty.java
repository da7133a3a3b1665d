package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** A term of a training's loss that depends on the adapter's parameters and on nothing else. */
public interface Penalty extends AutoCloseable {
    /** Adds the term's gradient to those of the step; answers its value, nats. Called once a step, before the clipping. */
    double add(Parameters parameters);

    /** Frees its arrays. */
    @Override
    void close();

    /** The parameters and their gradients, of one step. */
    final class Parameters {
        private final BaseModel base;
        private final NDManager scope;
        private final NDList lora;
        private final NDList gradients;

        Parameters(BaseModel base, NDManager scope, NDList lora, NDList gradients) {
            this.base = base;
            this.scope = scope;
            this.lora = lora;
            this.gradients = gradients;
        }

        /** A number for the script. */
        public NDArray number(double value) {
            return scope.create((float) value);
        }

        /** Numbers for the script. */
        public NDArray numbers(long[] values) {
            return scope.create(values);
        }

        /**
         * Calls a method of {@code continual.torchscript} that adds to the gradients.
         *
         * @param first what it takes before parameters ({@code lora}) and {@code gradients}, at least one array of this step
         * @param last what it takes after them
         * @return the value that it answers
         */
        public double call(String method, NDList first, NDList last) {
            NDList arguments = new NDList(first);
            arguments.addAll(lora);
            arguments.addAll(gradients);
            arguments.addAll(last);
            return base.script().infer(method, arguments).get(0).getFloat();
        }
    }
}
