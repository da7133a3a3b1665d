package dev.perennial.offline;

import dev.perennial.learning.LearningException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory that is there whole or not at all. Until it is whole, all is in a directory beside it, whose name ends in
 * {@code .partial}.
 */
final class OutDirectory {
    private final Path out;
    private final Path partial;

    OutDirectory(Path out) {
        this.out = out.toAbsolutePath().normalize();
        this.partial = this.out.resolveSibling(this.out.getFileName() + ".partial");
    }

    boolean isWhole() {
        return Files.exists(out) && !isEmpty(out);
    }

    /** @throws LearningException where the directory holds anything, or an interrupted run left something and this one does not resume it */
    void check(boolean resume) {
        if (isWhole()) {
            throw new LearningException("--out " + out + " exists and is not empty; name another directory");
        }
        if (!resume && Files.exists(checkpoint())) {
            throw new LearningException(
                    partial + " holds an interrupted training; --resume goes on with it, or delete it");
        }
    }

    /** Makes room for a checkpoint. */
    void begin() {
        try {
            Files.createDirectories(partial);
        } catch (IOException e) {
            throw new LearningException("cannot write to " + partial + ": " + e, e);
        }
    }

    Path checkpoint() {
        return partial.resolve("checkpoint.safetensors");
    }

    /** An empty directory for what {@link #publish} is to show. */
    Path result() {
        Path result = partial.resolve("result");
        try {
            delete(result);
            return Files.createDirectories(result);
        } catch (IOException e) {
            throw new LearningException("cannot write to " + result + ": " + e, e);
        }
    }

    /** Moves the result into place, and leaves nothing beside it. */
    void publish(Path result) {
        try {
            try (Stream<Path> files = Files.list(result)) {
                for (Path file : files.toList()) {
                    sync(file, StandardOpenOption.WRITE);
                }
            }
            Files.deleteIfExists(out);
            Files.move(result, out, StandardCopyOption.ATOMIC_MOVE);
            sync(out.resolveSibling("."), StandardOpenOption.READ);
            delete(partial);
        } catch (IOException e) {
            throw new LearningException("cannot move " + result + " to " + out + ": " + e, e);
        }
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static boolean isEmpty(Path path) {
        try (Stream<Path> files = Files.list(path)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new LearningException("expected --out " + path + " to be a directory or nothing; got " + e, e);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(java.util.Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
