package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Sequence;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * What the base itself answers: y(x) = argmax decoding of the base on the prompt x, as rehearsal data that no dataset of the base's
 * own is needed for (self-synthesized rehearsal, Huang et al. 2024; in the spirit of learning without forgetting, Li and Hoiem
 * 2016, whose old network answers too). Replayed in the place of written answers it holds the base to what it says, right or
 * wrong, and never teaches it anything.
 *
 * <p>Costs a decoded answer a prompt, once a base: greedy decoding gives the same answers again.
 */
public final class OwnAnswers {
    private OwnAnswers() {}

    /**
     * The same prompts with the base's answers, in that order. A prompt on which nothing is written is left out.
     *
     * @param asked of which the tokens before the first learned one are the prompt
     * @param most tokens of an answer; one that is longer is cut off there, and does not learn to end
     * @param cancelled asked between two calls
     * @throws CancellationException where it was cancelled
     */
    public static List<Sequence> of(BaseModel base, List<Sequence> asked, int most, BooleanSupplier cancelled) {
        try (Adapter bare = Adapter.none(base)) {
            return List.copyOf(GreedyAnswers.of(base, bare, asked, new GreedyAnswers.Limits(most, 0), cancelled)
                    .values());
        }
    }
}
