package dev.perennial.simulations.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Sequence;
import dev.perennial.simulations.pretraining.BytePairVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Rows of random tokens, the last of them learned: a prompt and a completion. */
final class RandomBatch {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RandomBatch() {}

    /**
     * @param tokens of each row, at least 2
     * @param completionShare part of them that is learned, above 0 and at most 1; at least one token is, and never the first
     */
    static List<Sequence> of(int vocabulary, int rows, int tokens, double completionShare, long seed) {
        if (!(completionShare > 0 && completionShare <= 1)) {
            throw new LearningException("expected --completion-share above 0 and at most 1; got " + completionShare);
        }
        int learned = (int) Math.min(tokens - 1, Math.max(1, Math.round(completionShare * tokens)));
        SplittableRandom random = new SplittableRandom(seed);
        List<Sequence> batch = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            batch.add(new Sequence(ids(random, vocabulary, tokens), tokens - learned, true));
        }
        return batch;
    }

    /** Random tokens that are not special in a random model. */
    static int[] ids(SplittableRandom random, int vocabulary, int tokens) {
        return random.ints(tokens, BytePairVocabulary.SPECIAL_TOKENS.size(), vocabulary)
                .toArray();
    }

    /** JSON lines of {@code {"input_ids", "completion_mask"}}, the pre-tokenized rows that TRL reads. */
    static void write(List<Sequence> batch, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Sequence sequence : batch) {
            ObjectNode line = JSON.createObjectNode();
            var ids = line.putArray("input_ids");
            var mask = line.putArray("completion_mask");
            for (int t = 0; t < sequence.ids().length; t++) {
                ids.add(sequence.ids()[t]);
                mask.add(sequence.mask()[t] ? 1 : 0);
            }
            lines.add(JSON.writeValueAsString(line));
        }
        Files.write(file, lines);
    }
}
