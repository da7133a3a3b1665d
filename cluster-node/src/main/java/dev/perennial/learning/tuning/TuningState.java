package dev.perennial.learning.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.tuning.FineTuning.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a loop knows between two steps beside the adapter and the optimiser.
 *
 * @param tail the last losses, oldest first
 */
record TuningState(long tokens, double seconds, LossWatch watch, List<Double> tail, List<Evaluation> heldOut) {
    private static final ObjectMapper JSON = new ObjectMapper();

    TuningState {
        tail = List.copyOf(tail);
        heldOut = List.copyOf(heldOut);
    }

    static TuningState fresh() {
        return new TuningState(0, 0, new LossWatch(), List.of(), List.of());
    }

    /** @param window how many losses the tail has at most */
    TuningState after(double loss, long moreTokens, double secondsNow, int window) {
        List<Double> losses = new ArrayList<>(tail.subList(Math.max(0, tail.size() + 1 - window), tail.size()));
        losses.add(loss);
        return new TuningState(tokens + moreTokens, secondsNow, watch.after(loss), losses, heldOut);
    }

    TuningState after(Evaluation evaluation) {
        List<Evaluation> all = new ArrayList<>(heldOut);
        all.add(evaluation);
        return new TuningState(tokens, seconds, watch, tail, all);
    }

    /** Place of the lowest held-out loss, the first of equals; -1 before there is any. */
    int best() {
        int best = -1;
        for (int i = 0; i < heldOut.size(); i++) {
            best = best < 0 || heldOut.get(i).loss() < heldOut.get(best).loss() ? i : best;
        }
        return best;
    }

    int evaluationsSinceBest() {
        return heldOut.size() - 1 - best();
    }

    OptionalDouble lastHeldOut() {
        return heldOut.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(heldOut.get(heldOut.size() - 1).loss());
    }

    double tailMean() {
        double sum = 0;
        for (double loss : tail) {
            sum += loss;
        }
        return sum / tail.size();
    }

    String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static TuningState parse(String json) {
        try {
            return JSON.readValue(json, TuningState.class);
        } catch (JsonProcessingException e) {
            throw new LearningException("the checkpoint's state cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
