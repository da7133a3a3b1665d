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

/**
 * Where a training can be taken up again. The file holds everything that the next step depends on, but for the base and the
 * data, which the identity stands for.
 *
 * @param file written whole or not at all
 * @param every steps between two of them, at least 1
 * @param identity what makes it this training and no other, such as the digest of its data
 */
public record Checkpoints(Path file, int every, Map<String, String> identity) {
    private static final String STATE = "state";
    private static final String IDENTITY = "identity";
    private static final ObjectMapper JSON = new ObjectMapper();

    public Checkpoints {
        identity = Map.copyOf(identity);
        if (every < 1) {
            throw new LearningException("steps between checkpoints: expected at least 1; got " + every);
        }
    }

    void save(LoraTraining training, TuningState state) {
        try {
            training.save(
                    file, Map.of(STATE, state.json(), IDENTITY, JSON.writeValueAsString(new TreeMap<>(identity))));
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
        checkIdentity(notes.getOrDefault(IDENTITY, "{}"));
        return Optional.of(TuningState.parse(notes.getOrDefault(STATE, "{}")));
    }

    private void checkIdentity(String json) {
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
                throw new LearningException("the checkpoint " + file + " is of another training: expected " + name + " "
                        + expected + "; got " + got);
            }
        }
    }
}
