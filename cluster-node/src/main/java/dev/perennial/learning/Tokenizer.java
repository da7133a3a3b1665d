package dev.perennial.learning;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/** A Hugging Face tokenizer read from {@code tokenizer.json}, with the special tokens of its model. Thread-safe. */
public final class Tokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer delegate;
    private final OptionalInt beginToken;
    private final List<Integer> endTokens;
    private final int padToken;
    private final TokenSpellings spellings;

    /** How many tokens the model has. */
    private final int vocabulary;

    private Tokenizer(
            HuggingFaceTokenizer delegate,
            TokenSpellings spellings,
            OptionalInt beginToken,
            List<Integer> endTokens,
            int padToken,
            int vocabulary) {
        this.delegate = delegate;
        this.spellings = spellings;
        this.beginToken = beginToken;
        this.endTokens = List.copyOf(endTokens);
        this.padToken = padToken;
        this.vocabulary = vocabulary;
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
        JsonNode config = SpecialTokens.readJson(directory.resolve("config.json"));
        JsonNode generation = SpecialTokens.readJson(directory.resolve("generation_config.json"));
        SpecialTokens special = SpecialTokens.read(directory);
        try {
            JsonNode file = SpecialTokens.readJson(directory.resolve("tokenizer.json"));
            TokenSpellings spellings = new TokenSpellings(file);
            Tokenizer plain = new Tokenizer(delegate, spellings, OptionalInt.empty(), List.of(), 0, vocabulary);
            List<Integer> ends = plain.ends(directory, List.of(config, generation), special, vocabulary);
            int pad =
                    plain.pad(List.of(config, generation), special, vocabulary).orElse(ends.get(0));
            return new Tokenizer(delegate, spellings, plain.begin(directory, file, config), ends, pad, vocabulary);
        } catch (RuntimeException e) {
            delegate.close();
            throw e;
        }
    }

    private List<Integer> ends(Path directory, List<JsonNode> sources, SpecialTokens special, int vocabulary) {
        TreeSet<Integer> ends = new TreeSet<>();
        for (JsonNode source : sources) {
            JsonNode given = source.path("eos_token_id");
            for (JsonNode id : given.isArray() ? given : List.of(given)) {
                if (id.isInt()) {
                    ends.add(id.asInt());
                } else if (!id.isMissingNode() && !id.isNull()) {
                    throw new LearningException("eos_token_id of base model " + directory
                            + " is a number or a list of numbers, got " + given);
                }
            }
        }
        if (ends.isEmpty()) {
            id(special.texts().getOrDefault("eos_token", "")).ifPresent(ends::add);
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
        return List.copyOf(ends);
    }

    private OptionalInt pad(List<JsonNode> sources, SpecialTokens special, int vocabulary) {
        for (JsonNode source : sources) {
            int pad = source.path("pad_token_id").asInt(-1);
            if (pad >= 0 && pad < vocabulary) {
                return OptionalInt.of(pad);
            }
        }
        OptionalInt named = id(special.texts().getOrDefault("pad_token", ""));
        return named.isPresent() && named.getAsInt() < vocabulary ? named : OptionalInt.empty();
    }

    /**
     * As AutoTokenizer does, what the post-processor of {@code tokenizer.json} puts first. Only where that file has no
     * post-processor, which is where transformers adds nothing, {@code add_bos_token} may ask for the token.
     */
    private OptionalInt begin(Path directory, JsonNode file, JsonNode config) {
        if (file.path("post_processor").isObject()) {
            long[] plain = delegate.encode("a", false, false).getIds();
            long[] processed = delegate.encode("a", true, false).getIds();
            return processed.length > plain.length && processed[0] != plain[0]
                    ? OptionalInt.of((int) processed[0])
                    : OptionalInt.empty();
        }
        boolean asked = SpecialTokens.readJson(directory.resolve("tokenizer_config.json"))
                .path("add_bos_token")
                .asBoolean(false);
        return asked && config.path("bos_token_id").isInt()
                ? OptionalInt.of(config.path("bos_token_id").asInt())
                : OptionalInt.empty();
    }

    /** The token whose text this is, where it is one. */
    private OptionalInt id(String text) {
        int[] ids = text.isEmpty() ? new int[0] : ids(text);
        return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
    }

    /**
     * Token ids of a text; special tokens written in it are read as such, none are added.
     *
     * @throws LearningException where the model has no such token: on a GPU the engine would not survive it
     */
    public int[] encode(String text) {
        int[] ids = ids(text);
        for (int id : ids) {
            if (id >= vocabulary) {
                throw new LearningException("the tokenizer makes token " + id + " of a text, the model has tokens 0 to "
                        + (vocabulary - 1) + ": its tokenizer.json has more than its config.json allows");
            }
        }
        return ids;
    }

    private int[] ids(String text) {
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

    /**
     * What a token says. The bytes of a text's tokens, joined, are the text.
     *
     * @param first whether no text comes before it, where some tokenizers drop a blank
     */
    public TokenSpelling spelling(int id, boolean first) {
        return spellings.of(id, first);
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
