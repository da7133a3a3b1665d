package dev.perennial.serving;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.Generator;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One completion being written, a few tokens a {@link #advance}; several take turns on one thread that way, and none waits
 * for another to end. For one thread at a time.
 */
final class Generation implements AutoCloseable {
    private static final int TOKENS_A_TURN = 8;

    private final BaseModel base;
    private final AdapterCache.Loan loan;
    private final Generator generator;
    private final StopTexts stops;
    private final Consumer<GenerationPart> listener;
    private int[] tokens = new int[0];
    private String text = "";
    private int sent;
    private boolean stopped;

    Generation(
            BaseModel base,
            AdapterCache.Loan loan,
            int[] prompt,
            GenerationRequest request,
            long seed,
            Consumer<GenerationPart> listener) {
        this.base = base;
        this.loan = loan;
        this.stops = new StopTexts(request.stop());
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
        int[] all = Arrays.copyOf(tokens, tokens.length + more.length);
        System.arraycopy(more, 0, all, tokens.length, more.length);
        tokens = all;
        text = base.tokenizer().decode(tokens);
        int stop = stops.find(text);
        if (stop >= 0) {
            text = text.substring(0, stop);
            stopped = true;
        }
        boolean over = stopped || generator.ended();
        int safe = over ? text.length() : stops.safeLength(text);
        if (safe > sent) {
            listener.accept(new GenerationPart.Text(text.substring(sent, safe)));
            sent = safe;
        }
        return !over;
    }

    /** The answer as far as it was written. */
    String text() {
        return text;
    }

    GenerationPart.Finished finished() {
        return new GenerationPart.Finished(stopped || generator.stoppedByModel() ? "stop" : "length", tokens.length);
    }

    @Override
    public void close() {
        generator.close();
        loan.close();
    }
}
