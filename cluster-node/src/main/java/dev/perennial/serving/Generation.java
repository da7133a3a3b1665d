package dev.perennial.serving;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.CompletionText;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.Generator;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import java.util.function.Consumer;

/**
 * One completion being written, a few tokens a {@link #advance}; several take turns on one thread that way, and none waits
 * for another to end. For one thread at a time.
 */
final class Generation implements AutoCloseable {
    private static final int TOKENS_A_TURN = 8;

    private final AdapterCache.Loan loan;
    private final Generator generator;
    private final CompletionText text;
    private final Consumer<GenerationPart> listener;
    private int tokens;

    Generation(
            BaseModel base,
            AdapterCache.Loan loan,
            int[] prompt,
            GenerationRequest request,
            long seed,
            Consumer<GenerationPart> listener) {
        this.loan = loan;
        this.text = new CompletionText(base.tokenizer(), request.stop());
        this.listener = listener;
        this.generator = new Generator(
                base,
                loan.adapter(),
                prompt,
                new Decoder.Settings(request.maxTokens(), request.temperature(), request.topP(), seed));
    }

    /** Writes a few tokens and sends what is safe of them. Answers whether there is more to come. */
    boolean advance() {
        int[] more = generator.advance(TOKENS_A_TURN);
        tokens += more.length;
        String fresh = text.add(more, generator.ended());
        if (!fresh.isEmpty()) {
            listener.accept(new GenerationPart.Text(fresh));
        }
        return !text.stopped() && !generator.ended();
    }

    /** The answer as far as it was written. */
    String text() {
        return text.text();
    }

    GenerationPart.Finished finished() {
        return new GenerationPart.Finished(text.stopped() || generator.stoppedByModel() ? "stop" : "length", tokens);
    }

    @Override
    public void close() {
        generator.close();
        loan.close();
    }
}
