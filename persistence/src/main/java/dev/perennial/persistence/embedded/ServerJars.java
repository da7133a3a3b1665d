package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder of jars that make up the server, kept off our own class path.
 *
 * @param agent the jar of jamm, with which Cassandra measures its memory
 */
record ServerJars(Path folder, Path agent) {
    private static final String PROPERTY = "perennial.cassandra.lib";

    /** Where the system property says, else {@code cassandra/} beside the running jar or beside the folder it lies in. */
    static ServerJars find() {
        String configured = System.getProperty(PROPERTY);
        return find(configured == null ? besideUs() : List.of(Path.of(configured)));
    }

    static ServerJars find(List<Path> folders) {
        for (Path folder : folders) {
            Path agent = first(folder, "jamm-*.jar");
            if (agent != null && first(folder, "cassandra-all-*.jar") != null) {
                return new ServerJars(folder.toAbsolutePath(), agent.toAbsolutePath());
            }
        }
        throw new CassandraStartException("no Cassandra jars (cassandra-all-*.jar, jamm-*.jar) in " + folders
                + "; set the system property " + PROPERTY + " to the folder that holds them");
    }

    private static List<Path> besideUs() {
        List<Path> folders = new ArrayList<>();
        CodeSource source = ServerJars.class.getProtectionDomain().getCodeSource();
        try {
            Path parent = source == null
                    ? null
                    : Path.of(source.getLocation().toURI()).getParent();
            for (int level = 0; level < 2 && parent != null; level++, parent = parent.getParent()) {
                folders.add(parent.resolve("cassandra"));
            }
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
        return folders;
    }

    private static @Nullable Path first(Path folder, String glob) {
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            for (Path path : stream) {
                return path;
            }
            return null;
        } catch (IOException e) {
            throw new CassandraStartException("cannot read " + folder, e);
        }
    }
}
