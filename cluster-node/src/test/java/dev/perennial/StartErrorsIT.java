package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot start ends with status 1 and one line that says why. */
final class StartErrorsIT {
    private static final Path EMBEDDED_BASE = Path.of("src/main/resources/base");
    private static final List<String> BASE_FILES =
            List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

    @TempDir
    private Path directory;

    @Test
    void namesAPortThatIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            String error = failure("--data", data(), "--port", port);
            assertTrue(error.contains("127.0.0.1:" + port), error);
            assertTrue(error.contains("--port"), error);
        }
    }

    @Test
    void namesABaseThatIsNotThere() throws Exception {
        Path missing = directory.resolve("no-model");
        String error = failureWithBase(missing);
        assertTrue(error.contains(missing + " is not a readable directory"), error);
    }

    @Test
    void namesAnArchitectureThatIsNotSupported() throws Exception {
        Path base = copyOfBase();
        Path config = base.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("LlamaForCausalLM", "MambaForCausalLM"));
        String error = failureWithBase(base);
        assertTrue(error.contains("unsupported architecture MambaForCausalLM"), error);
        assertTrue(error.contains("supported: LlamaForCausalLM"), error);
    }

    @Test
    void namesWeightsThatAreTruncated() throws Exception {
        Path base = copyOfBase();
        Path weights = base.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, java.util.Arrays.copyOf(whole, whole.length / 2));
        String error = failureWithBase(base);
        assertTrue(error.contains(weights.toString()), error);
        assertTrue(error.contains("truncated"), error);
    }

    @Test
    void namesAFileInPlaceOfTheDataDirectory() throws Exception {
        Path file = Files.writeString(directory.resolve("occupied"), "not a directory");
        String error = failure("--data", file.toString(), "--port", "0");
        assertTrue(error.contains(file + " is not a directory"), error);
        String below = failure("--data", file.resolve("data").toString(), "--port", "0");
        assertTrue(below.contains(file.toString()), below);
    }

    @Test
    void namesASettingThatDoesNotExist() throws Exception {
        Path config = Files.writeString(directory.resolve("node.conf"), "perennial.http.prot = 8080\n");
        String error = failure("--data", data(), "--config", config.toString());
        assertTrue(error.contains("perennial.http.prot is not a setting"), error);
        assertTrue(error.contains("node.conf"), error);
        assertTrue(error.contains("port"), error);
    }

    @Test
    void namesTheProcessThatUsesTheDataDirectory() throws Exception {
        try (NodeProcess first = NodeProcess.start(Path.of(data()))) {
            String error = failure("--data", data(), "--port", "0");
            assertTrue(error.contains(data()), error);
            assertTrue(error.contains("in use by another instance, process " + first.pid()), error);
            assertEquals(200, first.client().get("/ready").status());
        }
    }

    private String failureWithBase(Path base) throws Exception {
        return failure("--data", data(), "--port", "0", "--base", base.toString());
    }

    /** The error's line, after checks that there is only one and nothing that users cannot use. */
    private static String failure(String... options) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(List.of("serve"));
        arguments.addAll(List.of(options));
        NodeProcess.Ended ended = NodeProcess.run(arguments.toArray(new String[0]));
        assertEquals(1, ended.status(), ended.output());
        List<String> lines = ended.output()
                .lines()
                .filter(line -> !line.startsWith("perennial: "))
                .toList();
        assertEquals(1, lines.size(), ended.output());
        assertTrue(lines.get(0).startsWith("error: "), ended.output());
        return lines.get(0);
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    private Path copyOfBase() throws Exception {
        Path copy = Files.createDirectories(directory.resolve("base"));
        for (String name : BASE_FILES) {
            Files.copy(EMBEDDED_BASE.resolve(name), copy.resolve(name));
        }
        return copy;
    }
}
