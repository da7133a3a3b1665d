package dev.perennial.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the base can do and must go on doing, whatever a domain learns: {@code general.jsonl} beside the base's weights, a
 * {@code {"prompt","completion"}} a line. Every other line is asked before and after an update; those between are replayed
 * in training, so that the measure is never what was trained on; so are the lines of {@code replayed.jsonl}, where there is one.
 * A base without the files has an empty suite.
 *
 * @param own what the base itself answers to what is replayed
 */
record GeneralSuite(List<Sequence> measured, List<Sequence> replayed, AnswersOfBase own) {
    private static final String FILE = "general.jsonl";
    private static final String REPLAYED = "replayed.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    GeneralSuite {
        measured = List.copyOf(measured);
        replayed = List.copyOf(replayed);
    }

    /** The base has not answered yet. */
    GeneralSuite(List<Sequence> measured, List<Sequence> replayed) {
        this(measured, replayed, new AnswersOfBase());
    }

    static GeneralSuite read(Path base, SequenceEncoder encoder) {
        List<Sequence> measured = new ArrayList<>();
        List<Sequence> replayed = new ArrayList<>();
        List<Sequence> all = sequences(base.resolve(FILE), encoder);
        for (int i = 0; i < all.size(); i++) {
            (i % 2 == 0 ? replayed : measured).add(all.get(i));
        }
        replayed.addAll(sequences(base.resolve(REPLAYED), encoder));
        return new GeneralSuite(measured, replayed);
    }

    private static List<Sequence> sequences(Path file, SequenceEncoder encoder) {
        List<Sequence> sequences = new ArrayList<>();
        if (!Files.exists(file)) {
            return sequences;
        }
        try {
            int line = 0;
            for (String text : Files.readAllLines(file)) {
                line++;
                JsonNode row = JSON.readTree(text);
                if (!row.path("prompt").isTextual() || !row.path("completion").isTextual()) {
                    throw new LearningException(
                            file + ", line " + line + ": expected an object with the texts prompt and completion");
                }
                sequences.add(encoder.conversation(List.of(
                        new Turn("user", row.path("prompt").asText()),
                        new Turn("assistant", row.path("completion").asText()))));
            }
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return sequences;
    }
}
