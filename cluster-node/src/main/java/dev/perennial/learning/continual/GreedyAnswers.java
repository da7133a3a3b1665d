package dev.perennial.learning.continual;

import ai.djl.engine.EngineException;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.DeviceMemory;
import dev.perennial.learning.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** What a version answers to prompts by greedy decoding, several at once. */
final class GreedyAnswers {
    private static final int ROWS = 16;
    private static final int TOKENS_A_CALL = 8;
    /** Of answers that may be given up any time. */
    private static final int FEW_TOKENS_A_CALL = 2;

    private GreedyAnswers() {}

    /**
     * @param mostTokens of an answer; one that is longer is cut off there, and does not end
     * @param sureness least probability of an answer, its end left out, 0 to 1; one that falls below it is given up, and one that is
     *     its end alone. 0 gives up none
     */
    record Limits(int mostTokens, double sureness) {
        private Decoder.Settings settings() {
            return new Decoder.Settings(mostTokens, 0, 1, 0, 0, sureness > 0 ? 0 : -1);
        }

        private int tokensACall() {
            return sureness > 0 ? FEW_TOKENS_A_CALL : TOKENS_A_CALL;
        }
    }

    /**
     * The same prompts with the version's answers, by their places. Missing are those that were given up, and those on which
     * nothing is written. Where memory runs out it begins again with half as many at once, down to one.
     *
     * @param asked of which the tokens before the first learned one are the prompt
     * @param cancelled asked between two calls
     * @throws CancellationException where it was cancelled
     */
    static SortedMap<Integer, Sequence> of(
            BaseModel base, Adapter adapter, List<Sequence> asked, Limits limits, BooleanSupplier cancelled) {
        for (int rows = ROWS; ; rows /= 2) {
            try {
                return of(base, adapter, asked, limits, rows, cancelled);
            } catch (EngineException | OutOfMemoryError e) {
                if (rows == 1 || !DeviceMemory.ranOut(e)) {
                    throw e;
                }
            }
        }
    }

    private static SortedMap<Integer, Sequence> of(
            BaseModel base, Adapter adapter, List<Sequence> asked, Limits limits, int rows, BooleanSupplier cancelled) {
        SortedMap<Integer, Sequence> answered = new TreeMap<>();
        try (Decoder decoder = new Decoder(base, rows)) {
            List<Writing> running = new ArrayList<>();
            int next = 0;
            while (next < asked.size() || !running.isEmpty()) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the update was cancelled while prompts were answered");
                }
                for (; next < asked.size() && decoder.free() > 0; next++) {
                    Sequence sequence = asked.get(next);
                    int[] prompt = Arrays.copyOf(sequence.ids(), sequence.learnedFrom());
                    running.add(new Writing(next, sequence, decoder.admit(adapter, prompt, limits.settings())));
                }
                decoder.advance(limits.tokensACall());
                for (Writing each : List.copyOf(running)) {
                    each.take();
                    boolean givenUp = each.isBelow(limits.sureness());
                    if (givenUp || each.row.ended()) {
                        running.remove(each);
                        if (!givenUp) {
                            each.answer(base).ifPresent(answer -> answered.put(each.place, answer));
                        }
                        each.row.close();
                    }
                }
            }
        }
        return answered;
    }

    private static final class Writing {
        private final int place;
        private final Sequence asked;
        private final Decoder.Row row;
        private final List<Integer> written = new ArrayList<>();
        /** Of what is written; NaN, which is less than nothing, where it was not asked for. */
        private double logProbability;

        Writing(int place, Sequence asked, Decoder.Row row) {
            this.place = place;
            this.asked = asked;
            this.row = row;
        }

        void take() {
            for (Decoder.Token token : row.take()) {
                written.add(token.id());
                logProbability += token.logProbability();
            }
        }

        boolean isBelow(double sureness) {
            boolean isEndAlone = row.ended() && written.isEmpty();
            return logProbability < Math.log(sureness) || (sureness > 0 && isEndAlone);
        }

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
