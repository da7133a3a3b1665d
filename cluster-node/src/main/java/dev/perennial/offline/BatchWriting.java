package dev.perennial.offline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.dataset.JsonRow;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Completions of many rows, several at a time: a row that has ended makes room for the next, and results are written in the
 * order of the rows.
 */
final class BatchWriting {
    private static final List<String> FORMATS = List.of("prompt", "messages");
    private static final int TOKENS_A_TURN = 8;
    /** So many batches of results wait for an earlier row at most. */
    private static final int AHEAD = 64;

    private final BaseModel base;
    private final NamedAdapters adapters;
    private final SamplingOptions sampling;
    private final SequenceEncoder encoder;
    private final InputRows rows;
    private final PrintWriter out;
    private final Progress progress;

    private final Map<Long, Writing> active = new TreeMap<>();
    /** Results that wait for an earlier one; nothing for a row that was refused. */
    private final Map<Long, Optional<ObjectNode>> done = new HashMap<>();

    private long printed;
    private boolean exhausted;

    BatchWriting(
            BaseModel base,
            NamedAdapters adapters,
            SamplingOptions sampling,
            InputRows rows,
            PrintWriter out,
            Progress progress) {
        this.base = base;
        this.adapters = adapters;
        this.sampling = sampling;
        this.encoder = new SequenceEncoder(base);
        this.rows = rows;
        this.out = out;
        this.progress = progress;
    }

    /** @param size most rows at a time */
    void run(int size) {
        try (Decoder decoder = new Decoder(base, size)) {
            while (!exhausted || !active.isEmpty()) {
                while (!exhausted && decoder.free() > 0 && rows.count() - printed < (long) AHEAD * size) {
                    admit(decoder);
                }
                decoder.advance(TOKENS_A_TURN);
                take();
                print();
            }
        }
    }

    private void admit(Decoder decoder) {
        long index = rows.count();
        Optional<JsonRow> next = rows.read();
        if (next.isEmpty()) {
            exhausted = true;
            return;
        }
        JsonRow row = next.get();
        try {
            int[] prompt = row.format(FORMATS).equals("prompt")
                    ? encoder.plainPrompt(row.text("prompt"))
                    : encoder.prompt(row.turns("messages"));
            int adapter =
                    row.choice("adapter", adapters.names(), adapters.count()).orElse(0);
            Decoder.Settings settings = sampling.settings(row, index);
            List<String> stops = row.texts("stop").orElse(sampling.stops());
            Decoder.Row begun = decoder.admit(adapters.get(adapter), prompt, settings);
            active.put(index, new Writing(begun, base.tokenizer(), stops, settings.alternatives()));
        } catch (LearningException e) {
            rows.refuse(row.error(String.valueOf(e.getMessage())));
            done.put(index, Optional.empty());
        }
    }

    private void take() {
        Iterator<Map.Entry<Long, Writing>> each = active.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Long, Writing> entry = each.next();
            Writing writing = entry.getValue();
            int before = writing.written();
            writing.take();
            progress.advance(writing.ended() ? 1 : 0, writing.written() - before);
            if (writing.ended()) {
                done.put(entry.getKey(), Optional.of(writing.result(entry.getKey())));
                writing.close();
                each.remove();
            }
        }
    }

    private void print() {
        long before = printed;
        for (Optional<ObjectNode> result = done.remove(printed); result != null; result = done.remove(printed)) {
            result.ifPresent(out::println);
            printed++;
        }
        if (printed > before) {
            out.flush();
            InputRows.check(out);
        }
    }
}
