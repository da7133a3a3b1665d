package dev.perennial.simulations.bench;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Generator;
import java.util.List;

/** The decoding that the benchmark measures: greedy, one row an adapter, rows taking turns. */
final class DecodingRun implements AutoCloseable {
    private final List<Generator> rows;
    private final int chunk;

    /**
     * Reads the prompt and writes the first token of every row.
     *
     * @param tokens most tokens of a row, the first one included
     * @param chunk tokens a call
     */
    DecodingRun(BaseModel base, List<Adapter> adapters, int[] prompt, int tokens, int chunk) {
        Generator.Settings greedy = new Generator.Settings(tokens, 0, 1, 0);
        this.rows = adapters.stream()
                .map(adapter -> new Generator(base, adapter, prompt, greedy))
                .toList();
        this.chunk = chunk;
        rows.forEach(row -> row.advance(1));
    }

    /** Writes all rows to their end; the tokens written by this call, all rows together. */
    int write() {
        int written = 0;
        int before = -1;
        while (written > before) {
            before = written;
            for (Generator row : rows) {
                written += row.advance(chunk).length;
            }
        }
        return written;
    }

    @Override
    public void close() {
        rows.forEach(Generator::close);
    }
}
