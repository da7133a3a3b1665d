package dev.perennial.persistence.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Local copies of artifacts, each a file named by its digest. A file appears under its name only whole, by a rename, so
 * processes may share the directory. Bounded in bytes; the modification time of a file is that of its last use.
 */
final class ArtifactCache {
    private static final String TEMPORARY = "tmp-";
    /** Older ones were left by a process that died. */
    private static final Duration TEMPORARY_LIFE = Duration.ofHours(6);
    /** A copy used just now may be about to be opened, so the cache rather exceeds its bound for a while. */
    private static final Duration IN_USE = Duration.ofMinutes(1);

    private final Path directory;
    private final long maximumBytes;

    ArtifactCache(Path directory, long maximumBytes) {
        this.directory = directory;
        this.maximumBytes = maximumBytes;
    }

    /** A copy whose content was just verified; a corrupt one is deleted, and counts as absent. */
    Optional<Path> find(String sha256) throws IOException {
        Path file = directory.resolve(Sha256.requireName(sha256));
        try {
            if (Sha256.of(file).equals(sha256)) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
                return Optional.of(file);
            }
            Files.deleteIfExists(file);
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    Path temporary() throws IOException {
        return Files.createTempFile(Files.createDirectories(directory), TEMPORARY, "");
    }

    /** Copies {@code in} to a file of the cache and names it. */
    Path add(InputStream in, long maximumArtifactBytes) throws IOException {
        Path temporary = temporary();
        try {
            String sha256;
            try (OutputStream out = Files.newOutputStream(temporary)) {
                sha256 = Sha256.copy(new BoundedInput(in, maximumArtifactBytes), out);
            }
            return adopt(temporary, sha256);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Moves a temporary file, whose content the caller has verified, to its name. */
    Path adopt(Path temporary, String sha256) throws IOException {
        Path file = directory.resolve(Sha256.requireName(sha256));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        evict();
        return file;
    }

    /** @return whether there was a copy */
    boolean remove(String sha256) throws IOException {
        return Files.deleteIfExists(directory.resolve(Sha256.requireName(sha256)));
    }

    private record Entry(Path file, long bytes, Instant used) {}

    private void evict() throws IOException {
        List<Entry> entries = entries();
        long excess = entries.stream().mapToLong(Entry::bytes).sum() - maximumBytes;
        Instant now = Instant.now();
        for (Entry entry : entries) {
            boolean temporary = entry.file.getFileName().toString().startsWith(TEMPORARY);
            boolean old = entry.used.isBefore(now.minus(temporary ? TEMPORARY_LIFE : IN_USE));
            if (old && (temporary || excess > 0)) {
                Files.deleteIfExists(entry.file);
                excess -= entry.bytes;
            }
        }
    }

    /** Used longest ago first. */
    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                try {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    entries.add(new Entry(
                            file,
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()));
                } catch (NoSuchFileException e) {
                    // another process evicted it: nothing to list
                }
            }
        }
        entries.sort(Comparator.comparing(Entry::used));
        return entries;
    }

    private static final class BoundedInput extends FilterInputStream {
        private final long maximum;
        private long count;

        BoundedInput(InputStream in, long maximum) {
            super(in);
            this.maximum = maximum;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count += Math.max(read, 0);
            if (count > maximum) {
                throw new ArtifactException.TooLarge(maximum);
            }
            return read;
        }
    }
}
