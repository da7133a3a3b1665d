package dev.perennial.simulations.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder for one run. Closing it deletes a temporary one, and leaves one that the user named. */
record Workspace(Path directory, boolean temporary) implements AutoCloseable {
    static Workspace open(@Nullable Path named) throws IOException {
        return named == null
                ? new Workspace(Files.createTempDirectory("perennial-bench"), true)
                : new Workspace(Files.createDirectories(named), false);
    }

    @Override
    public void close() throws IOException {
        if (temporary) {
            List<Path> contents;
            try (Stream<Path> walk = Files.walk(directory)) {
                contents = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : contents) {
                Files.delete(path);
            }
        }
    }
}
