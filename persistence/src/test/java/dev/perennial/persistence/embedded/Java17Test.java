package dev.perennial.persistence.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Java17Test {
    @TempDir
    Path directory;

    @Test
    void takesTheFirst17() throws IOException {
        Path later = home("later", "25.0.3");
        Path first = home("first", "17.0.15");
        Path second = home("second", "17");
        assertEquals(first.resolve("bin/java"), Java17.find(List.of(later, first, second)));
    }

    @Test
    void isNotFooledByOtherVersions() throws IOException {
        assertThrows(
                CassandraStartException.class, () -> Java17.find(List.of(home("old", "1.7.0"), home("odd", "171"))));
    }

    @Test
    void namesAllItLookedAt() throws IOException {
        Path later = home("later", "25.0.3");
        Path absent = directory.resolve("absent");
        CassandraStartException e =
                assertThrows(CassandraStartException.class, () -> Java17.find(List.of(later, absent)));
        assertTrue(e.toString().contains(later.toString()), e.toString());
        assertTrue(e.toString().contains(absent.toString()), e.toString());
        assertTrue(e.toString().contains("PERENNIAL_JAVA17_HOME"), e.toString());
    }

    @Test
    void looksAtOurOwnThenAtTheEnvironmentThenAround() throws IOException {
        Files.createDirectories(directory.resolve(".sdkman/candidates/java/17.0.9-tem"));
        List<Path> candidates = Java17.candidates(
                Map.of("JAVA_HOME", "/java", "PERENNIAL_JAVA17_HOME", "/seventeen"), Path.of("/own"), directory);
        assertEquals(List.of(Path.of("/own"), Path.of("/seventeen"), Path.of("/java")), candidates.subList(0, 3));
        assertTrue(candidates.contains(directory.resolve(".sdkman/candidates/java/17.0.9-tem")));
    }

    private Path home(String name, String version) throws IOException {
        Path home = directory.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Path java = Files.writeString(home.resolve("bin/java"), "");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }
}
