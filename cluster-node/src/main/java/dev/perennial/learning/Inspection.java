package dev.perennial.learning;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a directory is, whether or not the engine can use it.
 *
 * @param facts by name, in the order in which a person wants them; texts, numbers, flags, and lists and maps of these
 * @param norms of an adapter, by projection; empty for a base model
 */
public record Inspection(Map<String, Object> facts, List<Norms> norms) {
    /**
     * How much an adapter changes one kind of projection: the Frobenius norms of scale · B A over the layers.
     *
     * @param modules layers in which it is changed
     */
    public record Norms(String projection, int modules, int rank, double scale, double mean, double largest) {}

    /**
     * Looks at a base model or an adapter; no weights of a base model are read but for its digest.
     *
     * @param model a base model that an adapter may fit or not
     * @throws LearningException where the directory is neither a base model nor an adapter
     */
    public static Inspection of(Path directory, Optional<Path> model) {
        if (Files.exists(directory.resolve("adapter_config.json"))) {
            return AdapterInspection.of(directory, model);
        }
        if (Files.exists(directory.resolve("config.json"))) {
            return BaseInspection.of(directory);
        }
        throw new LearningException("expected a directory with config.json, which is a base model, or with"
                + " adapter_config.json, which is a PEFT adapter; " + directory
                + (Files.isDirectory(directory) ? " has neither" : " is no readable directory"));
    }

    /** Collects why something is refused. */
    static final class Problems {
        private static final int MOST_SHOWN = 20;

        private final List<String> found = new ArrayList<>();

        void add(String problem) {
            found.add(problem);
        }

        /** The value, or nothing where it cannot be had, which is a problem then. */
        <V> Optional<V> attempt(Supplier<V> supplier) {
            try {
                return Optional.of(supplier.get());
            } catch (LearningException e) {
                add(String.valueOf(e.getMessage()));
                return Optional.empty();
            }
        }

        /** Whether there is none, and which there are. */
        void tell(Map<String, Object> facts) {
            facts.put("supported", found.isEmpty());
            if (!found.isEmpty()) {
                List<String> shown = new ArrayList<>(found.subList(0, Math.min(MOST_SHOWN, found.size())));
                if (shown.size() < found.size()) {
                    shown.add("and " + (found.size() - shown.size()) + " more");
                }
                facts.put("because", shown);
            }
        }
    }
}
