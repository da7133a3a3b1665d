package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the embedded base's general suite and replay ask: no task may give it another answer. */
final class GeneralPrompts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> FILES = List.of("general.jsonl", "replayed.jsonl");

    private GeneralPrompts() {}

    static Set<String> read(Path base) throws IOException {
        Set<String> prompts = new HashSet<>();
        for (String file : FILES) {
            for (String line : Files.readAllLines(base.resolve(file))) {
                prompts.add(JSON.readTree(line).path("prompt").asText());
            }
        }
        return prompts;
    }
}
