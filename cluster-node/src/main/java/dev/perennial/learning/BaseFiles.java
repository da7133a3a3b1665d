package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which files make a base model, and the digest over them. */
final class BaseFiles {
    private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");
    private static final Pattern PICKLE = Pattern.compile(".*\\.(bin|pt|pth|pkl|ckpt)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private BaseFiles() {}

    /** {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} names, in order. */
    static List<Path> weights(Path directory) {
        Path single = directory.resolve("model.safetensors");
        if (Files.isReadable(single)) {
            return List.of(single);
        }
        Path index = directory.resolve("model.safetensors.index.json");
        if (!Files.isReadable(index)) {
            throw new LearningException("base model " + directory
                    + " has no readable model.safetensors or model.safetensors.index.json" + others(directory));
        }
        TreeSet<String> names = new TreeSet<>();
        try {
            JsonNode map = JSON.readTree(Files.readAllBytes(index)).path("weight_map");
            map.forEach(name -> names.add(name.asText()));
        } catch (IOException e) {
            throw new LearningException("cannot read " + index + ": " + e.getMessage(), e);
        }
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            if (!SHARD.matcher(name).matches()) {
                throw new LearningException(index + " names the shard '" + name + "', which is no plain file name");
            }
            Path file = directory.resolve(name);
            if (!Files.isReadable(file)) {
                throw new LearningException(
                        index + " names the shard '" + name + "', which is not a readable file beside it");
            }
            files.add(file);
        }
        return files;
    }

    /** Pickles run code when they are read, so they never are: say so to those who have nothing else. */
    private static String others(Path directory) {
        List<String> pickles = pickles(directory);
        return pickles.isEmpty()
                ? "; other formats are not read"
                : "; it has " + String.join(", ", pickles) + ", pickles, which could run code and are refused:"
                        + " save the model as safetensors";
    }

    /** Names of the pickles of a directory, in order. */
    static List<String> pickles(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> PICKLE.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new LearningException("cannot read " + directory + ": " + e.getMessage(), e);
        }
    }

    static String digest(Path directory, List<Path> weights) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            List<Path> files =
                    new ArrayList<>(List.of(directory.resolve("config.json"), directory.resolve("tokenizer.json")));
            files.addAll(weights);
            byte[] buffer = new byte[1 << 16];
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        sha.update(buffer, 0, n);
                    }
                }
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (IOException e) {
            throw new LearningException("cannot read base model " + directory + ": " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
