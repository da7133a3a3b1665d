package dev.perennial.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of a running update, which are of no use after it. */
record WorkDirectory(Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(WorkDirectory.class);

    /** Empty, whatever an earlier process left there. */
    CompletionStage<Path> made() {
        try {
            delete();
            return CompletableFuture.completedFuture(Files.createDirectories(path));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    new UncheckedIOException("cannot make the directory " + path + ": " + e.getMessage(), e));
        }
    }

    /** What cannot be deleted stays: it takes room and nothing else. */
    void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> inside = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : inside) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("cannot delete {}: {}", path, e.toString());
        }
    }

    /**
     * Deletes what processes left that are no more, each in a directory named by its process id; this one, which has just
     * begun, may have the id of an earlier one.
     */
    static void deleteLeftovers(Path parent) {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (Stream<Path> directories = Files.list(parent)) {
            directories
                    .filter(directory -> !isOfLivingProcess(directory))
                    .forEach(directory -> new WorkDirectory(directory).delete());
        } catch (IOException e) {
            LOG.warn("cannot list {}: {}", parent, e.toString());
        }
    }

    private static boolean isOfLivingProcess(Path directory) {
        String name = directory.getFileName().toString();
        return !name.matches("\\d{1,18}")
                || ProcessHandle.of(Long.parseLong(name))
                        .filter(process -> process.isAlive()
                                && process.pid() != ProcessHandle.current().pid())
                        .isPresent();
    }
}
