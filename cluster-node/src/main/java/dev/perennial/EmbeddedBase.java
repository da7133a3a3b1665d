package dev.perennial;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The base model that comes with the program, laid out as a directory under the data directory. */
public final class EmbeddedBase {
    private static final List<String> FILES = List.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "general.jsonl",
            "replayed.jsonl",
            "model.safetensors");

    private EmbeddedBase() {}

    /**
     * Writes each file that is not there in full; what a killed start left behind is never taken for a file.
     *
     * @return the directory {@code base} under {@code data}
     */
    public static Path extract(Path data) {
        Path directory = data.resolve("base");
        try {
            Files.createDirectories(directory);
            for (String name : FILES) {
                byte[] content = content(name);
                Path file = directory.resolve(name);
                if (!Files.exists(file) || Files.size(file) != content.length) {
                    Path partial = directory.resolve(name + ".partial");
                    Files.write(partial, content);
                    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
                }
            }
            return directory;
        } catch (IOException e) {
            throw new StartException("cannot write the embedded base model to " + directory + ": " + e, e);
        }
    }

    private static byte[] content(String name) throws IOException {
        try (InputStream in = EmbeddedBase.class.getResourceAsStream("/base/" + name)) {
            if (in == null) {
                throw new IOException("resource /base/" + name + " is missing from the jar");
            }
            return in.readAllBytes();
        }
    }
}
