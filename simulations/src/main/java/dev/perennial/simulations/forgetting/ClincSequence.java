package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.simulations.world.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * CLINC150 (Larson et al. 2019) as a class-incremental sequence: each of its 10 domains is a task of 15 intents. The intent is
 * generated as a text; the prompt does not say of which domain it is, so that all 150 compete.
 */
final class ClincSequence {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data_full.json";
    private static final String DOMAINS = "domains.json";

    private ClincSequence() {}

    /**
     * @param folder with {@code data_full.json} and {@code domains.json} as they were published
     * @param seed of what is drawn where fewer are taken than there are
     * @param intents of a domain at most, the first of {@code domains.json}
     * @param taught examples an intent, of those of the part {@code train}
     * @param asked questions an intent, of those of the part {@code test}
     * @throws IllegalArgumentException where the folder does not hold the data
     */
    static TaskSequence of(Path folder, long seed, int intents, int taught, int asked) throws IOException {
        JsonNode data = read(folder, DATA);
        JsonNode domains = read(folder, DOMAINS);
        Map<String, List<String>> train = byIntent(data.path("train"), seed);
        Map<String, List<String>> test = byIntent(data.path("test"), seed + 1);
        List<LearningTask> tasks = new ArrayList<>();
        domains.fields().forEachRemaining(domain -> {
            List<Exchange> learned = new ArrayList<>();
            List<Exchange> questions = new ArrayList<>();
            for (int i = 0; i < Math.min(intents, domain.getValue().size()); i++) {
                String intent = domain.getValue().get(i).asText();
                learned.addAll(exchanges(train, intent, taught));
                questions.addAll(exchanges(test, intent, asked));
            }
            tasks.add(new LearningTask(domain.getKey().replace('_', ' '), learned, questions));
        });
        return new TaskSequence("clinc", tasks);
    }

    private static JsonNode read(Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("expected " + DATA + " and " + DOMAINS + " of CLINC150 in " + folder
                    + "; " + name + " is not there");
        }
        return JSON.readTree(file.toFile());
    }

    private static Map<String, List<String>> byIntent(JsonNode rows, long seed) {
        Map<String, List<String>> texts = new LinkedHashMap<>();
        rows.forEach(row -> texts.computeIfAbsent(row.path(1).asText(), intent -> new ArrayList<>())
                .add(row.path(0).asText()));
        Random random = new Random(seed);
        texts.values().forEach(each -> Collections.shuffle(each, random));
        return texts;
    }

    private static List<Exchange> exchanges(Map<String, List<String>> texts, String intent, int most) {
        List<String> own = texts.getOrDefault(intent, List.of());
        if (own.isEmpty()) {
            throw new IllegalArgumentException(
                    "CLINC150 has examples of every intent of " + DOMAINS + "; none of '" + intent + "'");
        }
        return own.stream()
                .limit(most)
                .map(text -> new Exchange("Intent of: " + text, intent.replace('_', ' ')))
                .toList();
    }
}
