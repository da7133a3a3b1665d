package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
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
    private static final int ROWS = 16;
    private static final int TOKENS_A_CALL = 8;

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
        TreeMap<Integer, Sequence> answered = new TreeMap<>();
        try (Adapter bare = Adapter.none(base);
                Decoder decoder = new Decoder(base, ROWS)) {
            List<Writing> running = new ArrayList<>();
            int next = 0;
            while (next < asked.size() || !running.isEmpty()) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the update was cancelled while the base answered");
                }
                for (; next < asked.size() && decoder.free() > 0; next++) {
                    Sequence sequence = asked.get(next);
                    int[] prompt = Arrays.copyOf(sequence.ids(), sequence.learnedFrom());
                    Decoder.Row row = decoder.admit(bare, prompt, new Decoder.Settings(most, 0, 1, 0));
                    running.add(new Writing(next, sequence, row, new ArrayList<>()));
                }
                decoder.advance(TOKENS_A_CALL);
                for (Writing each : List.copyOf(running)) {
                    each.row().take().forEach(token -> each.written().add(token.id()));
                    if (each.row().ended()) {
                        running.remove(each);
                        each.answer(base).ifPresent(answer -> answered.put(each.place(), answer));
                        each.row().close();
                    }
                }
            }
        }
        return List.copyOf(answered.values());
    }

    private record Writing(int place, Sequence asked, Decoder.Row row, List<Integer> written) {
        Optional<Sequence> answer(BaseModel base) {
            if (row.stoppedByModel()) {
                written.add(end(base));
            }
            if (written.isEmpty()) {
                return Optional.empty();
            }
            int from = asked.learnedFrom();
            int[] ids = Arrays.copyOf(asked.ids(), from + written.size());
            for (int t = 0; t < written.size(); t++) {
                ids[from + t] = written.get(t);
            }
            return Optional.of(new Sequence(ids, from, true));
        }

        /** The one that the written answer ends with, where it does: a base may have several. */
        private int end(BaseModel base) {
            int last = asked.ids()[asked.ids().length - 1];
            List<Integer> ends = base.tokenizer().endTokens();
            return ends.contains(last) ? last : ends.get(0);
        }
    }
}
