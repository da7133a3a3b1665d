package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** What a base's general suite asks: no task may give it another answer. */
final class GeneralPrompts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private GeneralPrompts() {}

    static Set<String> read(Path base) throws IOException {
        Set<String> prompts = new HashSet<>();
        for (String line : Files.readAllLines(base.resolve("general.jsonl"))) {
            prompts.add(JSON.readTree(line).path("prompt").asText());
        }
        return prompts;
    }
}
