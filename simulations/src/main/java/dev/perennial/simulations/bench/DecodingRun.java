package dev.perennial.simulations.bench;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import java.util.ArrayList;
import java.util.List;

/** The decoding that the benchmark measures: greedy, one row an adapter, all rows in one batch. */
final class DecodingRun implements AutoCloseable {
    private final Decoder decoder;
    private final List<Decoder.Row> rows = new ArrayList<>();
    private final int chunk;

    /**
     * Reads the prompt and writes the first token of every row.
     *
     * @param tokens most tokens of a row, the first one included
     * @param chunk tokens a call
     */
    DecodingRun(BaseModel base, List<Adapter> adapters, int[] prompt, int tokens, int chunk) {
        this.decoder = new Decoder(base, adapters.size());
        this.chunk = chunk;
        Decoder.Settings greedy = new Decoder.Settings(tokens, 0, 1, 0);
        adapters.forEach(adapter -> rows.add(decoder.admit(adapter, prompt, greedy)));
        decoder.advance(1);
        rows.forEach(Decoder.Row::take);
    }

    /** Writes all rows to their end; the tokens written by this call, all rows together. */
    int write() {
        int written = 0;
        while (!rows.stream().allMatch(Decoder.Row::ended)) {
            decoder.advance(chunk);
            for (Decoder.Row row : rows) {
                written += row.take().size();
            }
        }
        return written;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
