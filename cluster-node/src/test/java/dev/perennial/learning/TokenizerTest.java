package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.ChatTemplate.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same token ids and texts as AutoTokenizer gives, and what conversations become; see make_templates.py. */
class TokenizerTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/templates");
    private static final int VOCABULARY = 1000;

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"qwen", "llama3", "llama2", "metaspace"})
    void givesTheTokensOfAutoTokenizer(String name) throws IOException {
        JsonNode golden = golden();
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve(name), VOCABULARY)) {
            SequenceEncoder encoder = encoder(tokenizer, name);
            for (JsonNode row : golden.path("tokenizers").path(name).path("texts")) {
                String text = row.path("text").asText();
                int[] bare = References.ints(row.path("bare"));
                assertArrayEquals(bare, tokenizer.encode(text), text);
                assertArrayEquals(References.ints(row.path("ids")), encoder.plainPrompt(text), text);
                assertEquals(row.path("decoded").asText(), tokenizer.decode(bare), text);
            }
            for (JsonNode row : golden.path("tokenizers").path(name).path("chats")) {
                String title = row.path("conversation").asText();
                assertArrayEquals(References.ints(row.path("ids")), encoder.prompt(turns(golden, title)), title);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen", "llama3", "llama2", "metaspace"})
    void learnsEveryAnswerAfterThePromptThatItIsAskedWith(String name) throws IOException {
        List<Turn> turns = List.of(
                new Turn("user", "Hello"),
                new Turn("assistant", "How are you?"),
                new Turn("user", "fine"),
                new Turn("assistant", "the dog"));
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve(name), VOCABULARY)) {
            SequenceEncoder encoder = encoder(tokenizer, name);
            List<Sequence> sequences = encoder.everyAnswer(turns, 4096);
            Sequence last = sequences.get(sequences.size() - 1);
            int[] prompt = encoder.prompt(turns.subList(0, 3));
            assertArrayEquals(prompt, Arrays.copyOf(last.ids(), prompt.length));
            List<String> learned = new ArrayList<>();
            for (Sequence sequence : sequences) {
                learned.addAll(learned(tokenizer, sequence));
            }
            assertEquals(
                    List.of("How are you?", "the dog"),
                    learned.stream().map(String::strip).toList());
        }
    }

    /** Read on its own, a word gets a blank before it that it does not have after a line's end. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen", "llama3", "llama2", "metaspace"})
    void learnsAPlainAnswerAsItsTokensAreAfterThePrompt(String name) {
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve(name), VOCABULARY)) {
            SequenceEncoder encoder = encoder(tokenizer, name);
            for (String answer : List.of("How are you?", " the dog")) {
                Sequence sequence = encoder.completion("Hello\n", answer);
                int[] whole = encoder.plainPrompt("Hello\n" + answer);
                assertArrayEquals(whole, Arrays.copyOf(sequence.ids(), sequence.ids().length - 1), answer);
                assertEquals(encoder.plainPrompt("Hello\n").length, sequence.learnedFrom(), answer);
            }
        }
    }

    @Test
    void makesOneSequenceWhereTheTemplateIsStable() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve("qwen"), VOCABULARY)) {
            List<Turn> turns = turns(golden(), "turns");
            List<Turn> answered = new ArrayList<>(turns);
            answered.add(new Turn("assistant", "3"));
            List<Sequence> sequences = encoder(tokenizer, "qwen").everyAnswer(answered, 4096);
            assertEquals(1, sequences.size());
            assertEquals(List.of("1", "2", "3"), learned(tokenizer, sequences.get(0)));
            assertEquals(6, sequences.get(0).learned(), "each answer is one token and the end token");
        }
    }

    /** As many chats in ShareGPT begin; most templates want somebody to ask first. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen", "llama3", "metaspace"})
    void learnsNothingThatNobodyAskedFor(String name) {
        List<Turn> turns =
                List.of(new Turn("assistant", "Hello"), new Turn("user", "fine"), new Turn("assistant", "the dog"));
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve(name), VOCABULARY)) {
            List<Sequence> sequences = encoder(tokenizer, name).everyAnswer(turns, 4096);
            assertEquals(1, sequences.size());
            assertEquals(
                    List.of("the dog"),
                    learned(tokenizer, sequences.get(0)).stream()
                            .map(String::strip)
                            .toList());
        }
    }

    @Test
    void leavesOutAnswersThatBeginTooLate() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve("qwen"), VOCABULARY)) {
            SequenceEncoder encoder = encoder(tokenizer, "qwen");
            List<Turn> turns = turns(golden(), "turns");
            List<Turn> answered = new ArrayList<>(turns);
            answered.add(new Turn("assistant", "3"));
            int second = encoder.conversation(answered.subList(0, 4)).ids().length;
            List<Sequence> sequences = encoder.everyAnswer(answered, second - 1);
            assertEquals(List.of("1", "2"), learned(tokenizer, sequences.get(0)));
        }
    }

    @Test
    void splitsWhereTheTemplateTakesAwayWhatWasThought() throws IOException {
        JsonNode golden = golden();
        Path directory = References.copy(DIRECTORY.resolve("qwen"), temporary.resolve("qwen3"));
        Files.writeString(
                directory.resolve("chat_template.jinja"),
                golden.path("templates").path("qwen3").path("source").asText());
        List<Turn> turns = turns(golden, "thinking");
        try (Tokenizer tokenizer = Tokenizer.open(directory, VOCABULARY)) {
            SequenceEncoder encoder = new SequenceEncoder(tokenizer, ChatTemplate.open(directory), 4096);
            List<Sequence> sequences = encoder.everyAnswer(turns, 4096);
            assertEquals(2, sequences.size());
            for (int i = 0; i < 2; i++) {
                int[] prompt = encoder.prompt(turns.subList(0, 2 * i + 1));
                assertEquals(prompt.length, sequences.get(i).learnedFrom());
                assertArrayEquals(prompt, Arrays.copyOf(sequences.get(i).ids(), prompt.length));
                assertEquals(List.of(turns.get(2 * i + 1).content()), learned(tokenizer, sequences.get(i)));
            }
        }
    }

    @Test
    void refusesAConversationWithoutAnAnswer() {
        try (Tokenizer tokenizer = Tokenizer.open(DIRECTORY.resolve("qwen"), VOCABULARY)) {
            var failure = assertThrows(
                    LearningException.class,
                    () -> encoder(tokenizer, "qwen").everyAnswer(List.of(new Turn("user", "x")), 4096));
            assertTrue(References.message(failure).contains("'assistant'"));
        }
    }

    @Test
    void takesEndAndPadTokensFromWhereTheyAreNamed() throws IOException {
        Path directory = References.copy(DIRECTORY.resolve("qwen"), temporary.resolve("ends"));
        try (Tokenizer tokenizer = Tokenizer.open(directory, VOCABULARY)) {
            assertEquals(List.of(2, 5), tokenizer.endTokens());
            assertEquals(3, tokenizer.padToken(), "the pad_token of special_tokens_map.json");
        }
        References.edit(directory.resolve("config.json"), "eos_token_id", null);
        References.edit(directory.resolve("config.json"), "pad_token_id", 7);
        try (Tokenizer tokenizer = Tokenizer.open(directory, VOCABULARY)) {
            assertEquals(List.of(5), tokenizer.endTokens(), "the eos_token of special_tokens_map.json");
            assertEquals(7, tokenizer.padToken());
        }
        References.edit(directory.resolve("config.json"), "eos_token_id", List.of("x"));
        var failure = assertThrows(LearningException.class, () -> Tokenizer.open(directory, VOCABULARY));
        assertTrue(References.message(failure).contains("number or a list of numbers, got [\"x\"]"));
    }

    @Test
    void readsTheDefaultsOfGeneration() throws IOException {
        assertEquals(new GenerationDefaults(0, 1, 0, OptionalInt.empty()), GenerationDefaults.read(temporary));
        Path file = temporary.resolve("generation_config.json");
        Files.writeString(
                file,
                "{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.95, \"top_k\": 20, \"max_new_tokens\": 99}");
        assertEquals(new GenerationDefaults(0.6, 0.95, 20, OptionalInt.of(99)), GenerationDefaults.read(temporary));
        References.edit(file, "top_p", 1.5);
        var failure = assertThrows(LearningException.class, () -> GenerationDefaults.read(temporary));
        assertTrue(References.message(failure).contains("top_p is a number from"));
    }

    @Test
    void tellsWhyATemplateFails() throws IOException {
        Path directory = References.copy(DIRECTORY.resolve("llama2"), temporary.resolve("failing"));
        ChatTemplate template = ChatTemplate.open(directory);
        List<Turn> two = List.of(new Turn("user", "a"), new Turn("user", "b"));
        var failure = assertThrows(LearningException.class, () -> template.render(two, true));
        assertEquals(
                "the chat template failed: Conversation roles must alternate user/assistant/user/assistant/...",
                failure.getMessage());
        Files.writeString(directory.resolve("chat_template.jinja"), "{{ x|strange }}");
        var refused = assertThrows(LearningException.class, () -> ChatTemplate.open(directory));
        assertTrue(References.message(refused).endsWith("is refused: the filter 'strange' is not supported"));
        Files.writeString(directory.resolve("chat_template.jinja"), "{{ bos_token }}{{ thinking }}");
        assertEquals("<s>on", ChatTemplate.open(directory).render(List.of(), true, Map.of("thinking", "on")));
    }

    /** The runs of learned tokens, read. */
    private static List<String> learned(Tokenizer tokenizer, Sequence sequence) {
        List<String> runs = new ArrayList<>();
        int[] ids = sequence.ids();
        int from = 0;
        while (from < ids.length) {
            int to = from;
            while (to < ids.length && sequence.mask()[to]) {
                to++;
            }
            if (to > from) {
                assertTrue(tokenizer.endTokens().contains(ids[to - 1]), "an answer ends with an end token");
                runs.add(tokenizer.decode(Arrays.copyOfRange(ids, from, to)));
            }
            from = to + 1;
        }
        return runs;
    }

    private static SequenceEncoder encoder(Tokenizer tokenizer, String name) {
        return new SequenceEncoder(tokenizer, ChatTemplate.open(DIRECTORY.resolve(name)), 4096);
    }

    private static List<Turn> turns(JsonNode golden, String title) {
        List<Turn> turns = new ArrayList<>();
        for (JsonNode turn : golden.path("conversations").path(title)) {
            turns.add(new Turn(turn.path("role").asText(), turn.path("content").asText()));
        }
        return turns;
    }

    private static JsonNode golden() throws IOException {
        return References.JSON.readTree(Files.readAllBytes(DIRECTORY.resolve("golden.json")));
    }
}
