package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the Java 17 that Cassandra 5 needs; it runs on no later one. */
final class Java17 {
    private static final Pattern RELEASE_17 = Pattern.compile("(?m)^JAVA_VERSION=\"17(\\.[^\"]*)?\"");

    private Java17() {}

    /** The {@code java} executable to run the server with. */
    static Path find() {
        return find(candidates(System.getenv(), Path.of(System.getProperty("java.home")), home()));
    }

    /** The first of {@code homes} that is a Java 17. */
    static Path find(List<Path> homes) {
        for (Path home : homes) {
            Path java = home.resolve("bin").resolve("java");
            if (is17(home) && Files.isExecutable(java)) {
                return java;
            }
        }
        throw new CassandraStartException(
                "the embedded Cassandra needs a Java 17; set PERENNIAL_JAVA17_HOME to one. Looked at: " + homes);
    }

    static List<Path> candidates(Map<String, String> environment, Path current, Path home) {
        List<Path> found = new ArrayList<>();
        found.add(current);
        for (String name : List.of("PERENNIAL_JAVA17_HOME", "JAVA_HOME")) {
            Optional.ofNullable(environment.get(name))
                    .filter(value -> !value.isBlank())
                    .map(Path::of)
                    .ifPresent(found::add);
        }
        found.addAll(children(Path.of("/usr/lib/jvm")));
        found.addAll(children(home.resolve(".sdkman/candidates/java")));
        found.addAll(children(Path.of("/opt")));
        return found.stream().distinct().toList();
    }

    private static Path home() {
        return Path.of(System.getProperty("user.home"));
    }

    private static boolean is17(Path home) {
        try {
            return RELEASE_17.matcher(Files.readString(home.resolve("release"))).find();
        } catch (IOException e) {
            return false; // no release file: not a JDK
        }
    }

    private static List<Path> children(Path directory) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, Files::isDirectory)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            return List.of(); // no such folder here
        }
        return children.stream().sorted().toList();
    }
}
