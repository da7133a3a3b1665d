package dev.perennial.persistence.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryArchiveTest {
    private static final DirectoryArchive.Limits SMALL = new DirectoryArchive.Limits(3, 100);

    @TempDir
    Path directory;

    @Test
    void equalDirectoriesGiveEqualBytes() throws IOException {
        Path one = adapter("one", List.of("b.bin", "a/c.json"));
        Path two = adapter("two", List.of("a/c.json", "b.bin"));
        Files.setLastModifiedTime(two.resolve("b.bin"), FileTime.fromMillis(86_400_000));
        assertArrayEquals(Files.readAllBytes(zipped(one)), Files.readAllBytes(zipped(two)));
    }

    @Test
    void givesBackWhatWasPacked() throws IOException {
        Path archive = zipped(adapter("one", List.of("b.bin", "a/c.json")));
        Path target = directory.resolve("deep").resolve("target");
        DirectoryArchive.unzip(archive, target, SMALL);
        assertEquals("b.bin", Files.readString(target.resolve("b.bin")));
        assertEquals("a/c.json", Files.readString(target.resolve("a/c.json")));
        assertOnly("target", directory.resolve("deep"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/../../evil", "/etc/evil", "a\\..\\evil", "."})
    void refusesEntriesThatLeaveTheTarget(String name) throws IOException {
        assertRefused(archive(name));
    }

    @Test
    void refusesTooManyEntries() throws IOException {
        assertRefused(archive("a", "b", "c", "d"));
    }

    @Test
    void refusesTooManyBytesHoweverWellPacked() throws IOException {
        assertRefused(archive("a".repeat(101)));
    }

    @Test
    void refusesWhatIsNotAZip() throws IOException {
        assertRefused(Files.writeString(directory.resolve("text"), "no zip"));
    }

    @Test
    void refusesToPackLinks() throws IOException {
        Path adapter = adapter("one", List.of("b.bin"));
        Files.createSymbolicLink(adapter.resolve("link"), Path.of("/etc/hostname"));
        assertThrows(IOException.class, () -> zipped(adapter));
    }

    /** Files whose content is their name. */
    private Path adapter(String name, List<String> files) throws IOException {
        Path adapter = directory.resolve(name);
        for (String file : files) {
            Path path = adapter.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
        }
        return adapter;
    }

    private Path zipped(Path adapter) throws IOException {
        Path archive = directory.resolve(adapter.getFileName() + ".zip");
        DirectoryArchive.zip(adapter, archive);
        return archive;
    }

    private Path archive(String... names) throws IOException {
        Path archive = directory.resolve("crafted.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(new byte[name.length()]);
                zip.closeEntry();
            }
        }
        return archive;
    }

    private void assertRefused(Path archive) throws IOException {
        Path target = directory.resolve("refused/target");
        assertThrows(ZipException.class, () -> DirectoryArchive.unzip(archive, target, SMALL));
        assertFalse(Files.exists(target));
        try (Stream<Path> left = Files.list(target.getParent())) {
            assertTrue(left.findAny().isEmpty(), "nothing is left behind");
        }
    }

    private static void assertOnly(String name, Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            assertEquals(
                    List.of(name),
                    children.map(child -> child.getFileName().toString()).toList());
        }
    }
}
