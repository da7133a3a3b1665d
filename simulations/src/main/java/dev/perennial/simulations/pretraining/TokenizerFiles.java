package dev.perennial.simulations.pretraining;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a vocabulary as the {@code tokenizer.json} and {@code tokenizer_config.json} that Hugging Face tokenizers read. */
public final class TokenizerFiles {
    /** Begins with {@code <|bos|>}, marks each message with its role, and asks for an answer with an open assistant message. */
    private static final String CHAT_TEMPLATE = "{{ '<|bos|>' }}{% for message in messages %}"
            + "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFiles() {}

    public static void write(BytePairVocabulary vocabulary, int longestInput, Path directory) throws IOException {
        Files.createDirectories(directory);
        var printer = JSON.writerWithDefaultPrettyPrinter();
        printer.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer(vocabulary));
        printer.writeValue(directory.resolve("tokenizer_config.json").toFile(), configuration(longestInput));
    }

    private static ObjectNode tokenizer(BytePairVocabulary vocabulary) {
        var root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        var added = root.putArray("added_tokens");
        for (int id = 0; id < BytePairVocabulary.SPECIAL_TOKENS.size(); id++)
            added.addObject()
                    .put("id", id)
                    .put("content", BytePairVocabulary.SPECIAL_TOKENS.get(id))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        root.putNull("normalizer");
        var cuts = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        cuts.addObject().put("type", "Digits").put("individual_digits", true);
        byteLevel(cuts.addObject());
        root.putNull("post_processor");
        byteLevel(root.putObject("decoder"));
        model(root.putObject("model"), vocabulary);
        return root;
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    private static void model(ObjectNode model, BytePairVocabulary vocabulary) {
        model.put("type", "BPE");
        for (var unused : new String[] {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"})
            model.putNull(unused);
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        var ids = model.putObject("vocab");
        for (int id = 0; id < vocabulary.tokens().size(); id++)
            ids.put(vocabulary.tokens().get(id), id);
        var merges = model.putArray("merges");
        for (var merge : vocabulary.merges()) merges.add(merge.left() + " " + merge.right());
    }

    private static ObjectNode configuration(int longestInput) {
        return JSON.createObjectNode()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("bos_token", "<|bos|>")
                .put("eos_token", "<|end|>")
                .put("pad_token", "<|pad|>")
                .put("model_max_length", longestInput)
                .put("add_bos_token", true)
                .put("clean_up_tokenization_spaces", false)
                .put("chat_template", CHAT_TEMPLATE);
    }
}
