package dev.perennial.learning;

/** Writes one completion, a few tokens a call: a {@link Decoder} of one row. For one thread; close it. */
public final class Generator implements AutoCloseable {
    private final Decoder decoder;
    private final Decoder.Row row;

    /** As {@link Decoder#admit}. */
    public Generator(BaseModel base, Adapter adapter, int[] prompt, Decoder.Settings settings) {
        this.decoder = new Decoder(base, 1);
        try {
            this.row = decoder.admit(adapter, prompt, settings);
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
    }

    /**
     * Writes up to {@code count} more tokens. The token that ends the answer is not among them.
     *
     * @return empty once the completion has ended
     */
    public int[] advance(int count) {
        decoder.advance(count);
        return row.take().stream().mapToInt(Decoder.Token::id).toArray();
    }

    /** Whether the model itself ended the completion. */
    public boolean stoppedByModel() {
        return row.stoppedByModel();
    }

    /** Whether nothing more will be written. */
    public boolean ended() {
        return row.ended();
    }

    @Override
    public void close() {
        decoder.close();
    }
}
