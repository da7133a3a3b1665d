package dev.perennial.learning.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraTraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Where a training can be taken up again. The file holds everything that the next step depends on, but for the base and the
 * data, which the identity stands for.
 *
 * @param file is restored from where it is there, and written whole or not at all
 * @param due whether to save after this many steps
 * @param identity what makes it this training and no other, such as the digest of its data
 * @param writer says who writes, so that files of two writers are never the same bytes; empty where they may be
 * @param saved hears of each file, before the next step, with the steps done; it may take the file away
 */
public record Checkpoints(Path file, IntPredicate due, Map<String, String> identity, String writer, IntConsumer saved) {
    private static final String STATE = "state";
    private static final String IDENTITY = "identity";
    private static final String WRITER = "writer";
    private static final ObjectMapper JSON = new ObjectMapper();

    public Checkpoints {
        identity = Map.copyOf(identity);
    }

    /**
     * In one file, which each takes from the one before it.
     *
     * @param every steps between two of them, at least 1
     */
    public Checkpoints(Path file, int every, Map<String, String> identity) {
        this(file, steps -> steps % every == 0, identity, "", steps -> {});
        if (every < 1) {
            throw new LearningException("steps between checkpoints: expected at least 1; got " + every);
        }
    }

    boolean isDue(int steps) {
        return due.test(steps);
    }

    void save(LoraTraining training, TuningState state) {
        Map<String, String> notes = new TreeMap<>(Map.of(STATE, state.json(), IDENTITY, json(identity)));
        if (!writer.isEmpty()) {
            notes.put(WRITER, writer);
        }
        training.save(file, notes);
        saved.accept(training.stepsDone());
    }

    private static String json(Map<String, String> identity) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(identity));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Takes the training up where the file left it; empty where there is none.
     *
     * @throws LearningException where the file is of another training; it says what differs
     */
    Optional<TuningState> restore(LoraTraining training) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Map<String, String> notes = training.restore(file);
        difference(notes.getOrDefault(IDENTITY, "{}")).ifPresent(difference -> {
            throw new LearningException(difference);
        });
        return Optional.of(TuningState.parse(notes.getOrDefault(STATE, "{}")));
    }

    /** Why the file is of no use to this training; empty where it is, or is not there. */
    public Optional<String> unusable() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return difference(LoraTraining.notes(file).getOrDefault(IDENTITY, "{}"));
        } catch (LearningException damaged) {
            return Optional.of(String.valueOf(damaged.getMessage()));
        }
    }

    private Optional<String> difference(String json) {
        Map<String, String> there;
        try {
            there = JSON.readValue(json, new TypeReference<Map<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new LearningException(file + ": its identity cannot be read: " + e.getOriginalMessage(), e);
        }
        TreeSet<String> names = new TreeSet<>(identity.keySet());
        names.addAll(there.keySet());
        for (String name : names) {
            String expected = identity.getOrDefault(name, "none");
            String got = there.getOrDefault(name, "none");
            if (!expected.equals(got)) {
                return Optional.of("the checkpoint " + file + " is of another training: expected " + name + " "
                        + expected + "; got " + got);
            }
        }
        return Optional.empty();
    }
}
