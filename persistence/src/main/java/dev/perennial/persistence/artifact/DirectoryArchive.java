package dev.perennial.persistence.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A directory as one file, so that it can be an artifact. The same files give the same bytes, hence the same name, on any
 * machine: entries are sorted, their times fixed, and nothing is compressed (zlib's output differs between versions, and
 * weights hardly shrink). Unpacking trusts nothing.
 */
public final class DirectoryArchive {
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final int BUFFER = 1 << 16;

    /** What unpacking accepts; {@code maximumBytes} is of all files together, unpacked. */
    public record Limits(int maximumEntries, long maximumBytes) {
        /** 1,000 files, 4 GiB. */
        public static final Limits DEFAULT = new Limits(1_000, 4L << 30);
    }

    private DirectoryArchive() {}

    /**
     * Packs the regular files under {@code directory}; empty directories are left out.
     *
     * @throws IOException also if there is anything but files and directories, such as a symbolic link
     */
    public static void zip(Path directory, Path archive) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.setMethod(ZipOutputStream.STORED);
            for (Map.Entry<String, Path> file : files(directory).entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTimeLocal(EPOCH);
                entry.setSize(Files.size(file.getValue()));
                entry.setCrc(crc(file.getValue()));
                zip.putNextEntry(entry);
                Files.copy(file.getValue(), zip);
                zip.closeEntry();
            }
        }
    }

    /**
     * Unpacks into {@code target}, which must not exist. It appears only once everything is unpacked.
     *
     * @throws ZipException an entry that would leave {@code target}, or comes twice, or too many entries or bytes
     */
    public static void unzip(Path archive, Path target, Limits limits) throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("exists already: " + target);
        }
        Path parent = Files.createDirectories(target.toAbsolutePath().getParent());
        Path partial = Files.createTempDirectory(parent, "." + target.getFileName() + "-");
        try {
            extract(archive, partial, limits);
            Files.move(partial, target);
        } finally {
            deleteTree(partial);
        }
    }

    private static void extract(Path archive, Path directory, Limits limits) throws IOException {
        long remaining = limits.maximumBytes;
        int entries = 0;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++entries > limits.maximumEntries) {
                    throw new ZipException("more than " + limits.maximumEntries + " entries");
                }
                Path file = inside(directory, entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                remaining -= copy(zip, file, remaining, limits);
            }
        }
        if (entries == 0) {
            throw new ZipException("not a zip file, or an empty one");
        }
    }

    private static long copy(InputStream in, Path file, long remaining, Limits limits) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long copied = 0;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                copied += read;
                if (copied > remaining) {
                    throw new ZipException("more than " + limits.maximumBytes + " bytes when unpacked");
                }
                out.write(buffer, 0, read);
            }
        }
        return copied;
    }

    private static Path inside(Path directory, String name) throws ZipException {
        boolean plain = !name.isEmpty() && name.indexOf('\\') < 0 && name.indexOf('\0') < 0 && !name.startsWith("/");
        Path file = plain ? directory.resolve(name).normalize() : directory;
        if (!file.startsWith(directory) || file.equals(directory)) {
            throw new ZipException("an entry would be written outside the target: '" + name + "'");
        }
        return file;
    }

    private static SortedMap<String, Path> files(Path directory) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    throw new IOException("neither a file nor a directory: " + file);
                }
                files.put(entryName(directory.relativize(file)), file);
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    private static String entryName(Path relative) {
        var names = new ArrayList<String>();
        relative.forEach(name -> names.add(name.toString()));
        return String.join("/", names);
    }

    private static long crc(Path file) throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return crc.getValue();
    }

    /** Deletes a directory and all that is in it; one that is not there is fine. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
