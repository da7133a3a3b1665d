package dev.perennial.persistence.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** The files that a server reads at its start, written anew each time, for its ports change. */
record ServerFiles(Path yaml, Path logback, Path childJar, Path childLock, Path commitLog, Path log) {

    static ServerFiles write(Path directory, Ports ports, Map<String, String> yamlOverrides) throws IOException {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.createDirectories(directory.resolve("logs"));
        ServerFiles files = new ServerFiles(
                conf.resolve("cassandra.yaml"),
                conf.resolve("server-logback.xml"),
                conf.resolve("child.jar"),
                directory.resolve("server.lock"),
                directory.resolve("commitlog"),
                directory.resolve("logs/system.log"));
        Files.writeString(files.yaml, yaml(resourceText("cassandra.yaml"), directory, ports, yamlOverrides));
        Files.writeString(files.logback, resourceText("server-logback.xml"));
        Files.write(files.childJar, packedChild());
        return files;
    }

    static String yaml(String template, Path directory, Ports ports, Map<String, String> overrides) {
        String filled = template.replace("${storage_port}", Integer.toString(ports.storage()))
                .replace("${ssl_storage_port}", Integer.toString(ports.sslStorage()))
                .replace("${native_port}", Integer.toString(ports.nativeTransport()))
                .replace("${data}", quoted(directory.resolve("data")))
                .replace("${commitlog}", quoted(directory.resolve("commitlog")))
                .replace("${saved_caches}", quoted(directory.resolve("saved_caches")))
                .replace("${hints}", quoted(directory.resolve("hints")))
                .replace("${cdc}", quoted(directory.resolve("cdc")));
        StringBuilder yaml = new StringBuilder();
        filled.lines()
                .filter(line -> overrides.keySet().stream().noneMatch(key -> line.startsWith(key + ":")))
                .forEach(line -> yaml.append(line).append('\n'));
        new TreeMap<>(overrides)
                .forEach((key, value) ->
                        yaml.append(key).append(": ").append(value).append('\n'));
        return yaml.toString();
    }

    /** A YAML single-quoted scalar. */
    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    private static byte[] packedChild() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes)) {
            for (Class<?> type : List.of(CassandraChild.class, ChildSignals.class, CommitLogRepair.class)) {
                jar.putNextEntry(new JarEntry(type.getName().replace('.', '/') + ".class"));
                jar.write(resource(type.getSimpleName() + ".class"));
                jar.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    static String resourceText(String name) throws IOException {
        return new String(resource(name), StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ServerFiles.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
