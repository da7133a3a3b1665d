package dev.perennial.simulations.forgetting;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.simulations.world.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a base can do and must go on doing, parted as the trainer parts it.
 *
 * @param measured asked before the first update and after the last
 * @param replayed what updates may train on
 */
record General(List<Exchange> measured, List<Exchange> replayed) {
    private static final ObjectMapper JSON = new ObjectMapper();

    General {
        measured = List.copyOf(measured);
        replayed = List.copyOf(replayed);
    }

    /** @param base directory of a base model with {@code general.jsonl} and {@code replayed.jsonl} */
    static General read(Path base) throws IOException {
        List<Exchange> measured = new ArrayList<>();
        List<Exchange> replayed = new ArrayList<>();
        for (Exchange exchange : exchanges(base.resolve("general.jsonl"))) {
            (replayed.size() == measured.size() ? replayed : measured).add(exchange);
        }
        replayed.addAll(exchanges(base.resolve("replayed.jsonl")));
        return new General(measured, replayed);
    }

    private static List<Exchange> exchanges(Path file) throws IOException {
        List<Exchange> exchanges = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            exchanges.add(JSON.readValue(line, Exchange.class));
        }
        return exchanges;
    }

    /** No task may give any of these another answer. */
    Set<String> prompts() {
        Set<String> prompts = new HashSet<>();
        measured.forEach(exchange -> prompts.add(exchange.prompt()));
        replayed.forEach(exchange -> prompts.add(exchange.prompt()));
        return prompts;
    }
}
