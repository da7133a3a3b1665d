package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** The optimiser's memory: two moments and a step count for each trained tensor, in the order of the tensors. */
final class AdamW {
    private final List<NDArray> first = new ArrayList<>();
    private final List<NDArray> second = new ArrayList<>();
    private final List<NDArray> steps = new ArrayList<>();

    AdamW(NDManager manager, List<NDArray> parameters) {
        for (NDArray parameter : parameters) {
            first.add(named(manager.zeros(parameter.getShape()), "first[]"));
            second.add(named(manager.zeros(parameter.getShape()), "second[]"));
            steps.add(named(manager.zeros(new Shape()), "steps[]"));
        }
    }

    private static NDArray named(NDArray array, String name) {
        array.setName(name);
        return array;
    }

    List<NDArray> first() {
        return first;
    }

    List<NDArray> second() {
        return second;
    }

    List<NDArray> steps() {
        return steps;
    }

    NDList arguments() {
        NDList list = new NDList(first);
        list.addAll(second);
        list.addAll(steps);
        return list;
    }

    /** The scripts' {@code hyper}: rate of A (and of all else), weight decay, largest gradient norm, beta2, rate of B. */
    static NDArray hyper(
            NDManager manager, double rate, double rateOfB, double weightDecay, double clip, double beta2) {
        return manager.create(
                new float[] {(float) rate, (float) weightDecay, (float) clip, (float) beta2, (float) rateOfB});
    }
}
