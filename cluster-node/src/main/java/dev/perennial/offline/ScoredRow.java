package dev.perennial.offline;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.dataset.JsonRow;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * A row whose tokens are scored.
 *
 * @param ids at least one token, at most the context
 * @param completionFrom index of the first token of the completion, where the row has one
 */
record ScoredRow(int[] ids, OptionalInt completionFrom) {
    private static final List<String> FORMATS = List.of("text", "input_ids", "prompt, completion");

    /** Makes tokens of rows, for one base model. */
    static final class Reader {
        private final BaseModel base;
        private final SequenceEncoder encoder;

        Reader(BaseModel base) {
            this.base = base;
            this.encoder = new SequenceEncoder(base);
        }

        /** @throws LearningException where the row cannot be scored; it says which row and why */
        ScoredRow read(JsonRow row) {
            ScoredRow read = switch (row.format(FORMATS)) {
                case "text" -> new ScoredRow(encoder.plainPrompt(row.text("text")), OptionalInt.empty());
                case "input_ids" ->
                    new ScoredRow(row.integers("input_ids", base.shape().vocabulary()), OptionalInt.empty());
                default -> completion(row);
            };
            if (read.ids().length == 0) {
                throw row.error("expected at least one token; got a text without any");
            }
            int context = base.shape().context();
            if (read.ids().length > context) {
                throw row.error(
                        "expected at most " + context + " tokens, the base model's context; got " + read.ids().length);
            }
            return read;
        }

        private ScoredRow completion(JsonRow row) {
            int[] prompt = encoder.plainPrompt(row.text("prompt"));
            int[] completion = base.tokenizer().encode(row.text("completion"));
            if (completion.length == 0) {
                throw row.error("completion: expected at least one token; got a text without any");
            }
            int[] ids = Arrays.copyOf(prompt, prompt.length + completion.length);
            System.arraycopy(completion, 0, ids, prompt.length, completion.length);
            return new ScoredRow(ids, OptionalInt.of(prompt.length));
        }
    }
}
