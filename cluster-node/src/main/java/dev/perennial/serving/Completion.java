package dev.perennial.serving;

import dev.perennial.learning.CompletionText;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.Tokenizer;
import dev.perennial.protocols.ScoredToken;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * One text to write: it waits in the line of a {@link DecodingLoop}, gets a row, and ends once. For the loop's thread, but for
 * {@link #ended}.
 */
final class Completion {
    private final AdapterCache.Loan loan;
    private final int[] prompt;
    private final Decoder.Settings settings;
    private final Listener listener;
    private final BooleanSupplier abandoned;
    private final CompletionText text;
    private final TokenScores scores;
    /** All of them where log-probabilities are wanted, else none. */
    private final List<Decoder.Token> scored = new ArrayList<>();

    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private int told;
    private boolean stoppedByModel;

    /** Hears, on the loop's thread, what becomes of a completion. What it throws ends that completion. */
    interface Listener {
        /** It has a row; nothing of it was written yet. */
        void begun();

        /** @param tokens that begin in this text, or in what came before and was not told; none where none were asked for */
        void written(String text, List<ScoredToken> tokens);
    }

    /**
     * @param loan given back when the completion ends
     * @param stops texts before which it ends
     * @param abandoned whether nobody reads it any more
     */
    Completion(
            Tokenizer tokenizer,
            AdapterCache.Loan loan,
            int[] prompt,
            Decoder.Settings settings,
            List<String> stops,
            Listener listener,
            BooleanSupplier abandoned) {
        this.loan = loan;
        this.prompt = prompt.clone();
        this.settings = settings;
        this.listener = listener;
        this.abandoned = abandoned;
        this.text = new CompletionText(tokenizer, stops);
        this.scores = new TokenScores(tokenizer);
    }

    Decoder.Row admit(Decoder decoder) {
        return decoder.admit(loan.adapter(), prompt, settings);
    }

    void begin() {
        listener.begun();
    }

    boolean abandoned() {
        return abandoned.getAsBoolean();
    }

    /** Tells what is safe of what the row has written. Answers whether there is more to come. */
    boolean tell(Decoder.Row row) {
        List<Decoder.Token> more = row.take();
        String fresh = text.add(more.stream().mapToInt(Decoder.Token::id).toArray(), row.ended());
        stoppedByModel = row.stoppedByModel();
        List<ScoredToken> tokens = settings.alternatives() < 0 ? List.of() : settled(more);
        if (!fresh.isEmpty() || !tokens.isEmpty()) {
            listener.written(fresh, tokens);
        }
        return !text.stopped() && !row.ended();
    }

    private List<ScoredToken> settled(List<Decoder.Token> more) {
        scored.addAll(more);
        List<ScoredToken> settled = new ArrayList<>();
        for (int count = text.settled(); told < count; told++) {
            settled.add(scores.next(scored.get(told)));
        }
        return settled;
    }

    /** The text as far as it was written. */
    String text() {
        return text.text();
    }

    /** How many tokens its text has. */
    int tokens() {
        return text.tokens().length;
    }

    /** Why it ended, as OpenAI names it: {@code stop} or {@code length}. */
    String reason() {
        return whole() ? "stop" : "length";
    }

    /** Whether the text came to its end, rather than to a limit or to somebody who no longer reads. */
    boolean whole() {
        return text.stopped() || stoppedByModel;
    }

    /** Whether it was written to its end, rather than abandoned; fails where it failed. The row is free by then. */
    CompletionStage<Boolean> ended() {
        return ended;
    }

    void end(boolean whole) {
        loan.close();
        ended.complete(whole);
    }

    void fail(Throwable failure) {
        loan.close();
        ended.completeExceptionally(failure);
    }
}
