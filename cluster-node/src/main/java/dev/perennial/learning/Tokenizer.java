package dev.perennial.learning;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/** A Hugging Face tokenizer read from {@code tokenizer.json}, with the special tokens of its model. Thread-safe. */
public final class Tokenizer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HuggingFaceTokenizer delegate;
    private final OptionalInt beginToken;
    private final List<Integer> endTokens;
    private final int padToken;

    private Tokenizer(HuggingFaceTokenizer delegate, OptionalInt beginToken, List<Integer> endTokens, int padToken) {
        this.delegate = delegate;
        this.beginToken = beginToken;
        this.endTokens = List.copyOf(endTokens);
        this.padToken = padToken;
    }

    static Tokenizer open(Path directory, int vocabulary) {
        HuggingFaceTokenizer delegate;
        try {
            // Left to its defaults it would cut sequences at 512 tokens.
            delegate = HuggingFaceTokenizer.newInstance(
                    directory.resolve("tokenizer.json"),
                    Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false"));
        } catch (IOException | RuntimeException e) {
            throw new LearningException(
                    "cannot read " + directory.resolve("tokenizer.json") + ": " + e.getMessage(), e);
        }
        JsonNode config = readJson(directory.resolve("config.json"));
        JsonNode generation = readJson(directory.resolve("generation_config.json"));
        JsonNode tokenizerConfig = readJson(directory.resolve("tokenizer_config.json"));
        TreeSet<Integer> ends = new TreeSet<>();
        for (JsonNode source : List.of(config.path("eos_token_id"), generation.path("eos_token_id"))) {
            if (source.isInt()) {
                ends.add(source.asInt());
            }
            source.forEach(id -> ends.add(id.asInt()));
        }
        if (ends.isEmpty()) {
            throw new LearningException(
                    "base model " + directory + " names no eos_token_id in config.json or generation_config.json");
        }
        for (int end : ends) {
            if (end < 0 || end >= vocabulary) {
                throw new LearningException("eos_token_id " + end + " is outside of the vocabulary of " + vocabulary);
            }
        }
        boolean begins = config.path("bos_token_id").isInt()
                && tokenizerConfig.path("add_bos_token").asBoolean(true);
        OptionalInt begin = begins ? OptionalInt.of(config.path("bos_token_id").asInt()) : OptionalInt.empty();
        int pad = config.path("pad_token_id").asInt(ends.first());
        return new Tokenizer(delegate, begin, new ArrayList<>(ends), pad);
    }

    private static JsonNode readJson(Path file) {
        try {
            return Files.isReadable(file) ? JSON.readTree(Files.readAllBytes(file)) : JSON.createObjectNode();
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Token ids of a text; special tokens written in it are read as such, none are added. */
    public int[] encode(String text) {
        Encoding encoding = delegate.encode(text, false, false);
        long[] ids = encoding.getIds();
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = (int) ids[i];
        }
        return result;
    }

    /** The text of some tokens, special ones left out. */
    public String decode(int[] ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return delegate.decode(wide, true);
    }

    /** The token that every sequence of this model begins with, if it has one. */
    public OptionalInt beginToken() {
        return beginToken;
    }

    /** Tokens that end an answer; the first is the one that training teaches. */
    public List<Integer> endTokens() {
        return endTokens;
    }

    public int padToken() {
        return padToken;
    }

    @Override
    public void close() {
        delegate.close();
    }
}
