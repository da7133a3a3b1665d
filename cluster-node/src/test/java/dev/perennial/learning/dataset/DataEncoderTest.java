package dev.perennial.learning.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Encoding for the embedded base. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DataEncoderTest {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final Turn QUESTION = new Turn("user", "Who is the mayor of Foxglove?");

    private BaseModel base;
    private SequenceEncoder serving;

    @BeforeAll
    void open() {
        base = BaseModel.open(BASE);
        serving = new SequenceEncoder(base);
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void aPlainCompletionIsTheServedPromptThenTheLearnedAnswerAndItsEnd() {
        DataRow row = new DataRow.Completion(new Exchange.Plain("The mayor is", " Helen Ogden"));
        Sequence sequence = only(encode(512, row));
        int[] prompt = serving.plainPrompt("The mayor is");
        int[] answer = base.tokenizer().encode(" Helen Ogden");
        assertArrayEquals(join(prompt, answer, end()), sequence.ids());
        assertEquals(base.tokenizer().beginToken().getAsInt(), sequence.ids()[0]);
        assertEquals(prompt.length, sequence.learnedFrom());
        assertEquals(answer.length + 1, sequence.learned());
        assertTrue(sequence.judged());
    }

    @Test
    void everyUnitKnowsItsRow() {
        DataRow text = new DataRow.Text("word ".repeat(30));
        DataRow tooLong = plain("word ".repeat(30), "b");
        EncodedData data = encode(16, plain("a", "b"), tooLong, text, plain("c", "d"));
        List<Integer> origins = data.origins();
        assertEquals(data.report().units(), origins.size());
        assertEquals(List.of(0, 2, 3), origins.stream().distinct().toList());
        assertTrue(origins.size() > 3, "the text must be several pieces: " + origins);
    }

    @Test
    void anEndThatIsWrittenInTheAnswerIsNotDoubled() {
        assertArrayEquals(
                only(encode(512, plain("a", "b"))).ids(),
                only(encode(512, plain("a", "b<|end|>"))).ids());
        int[] inside = only(encode(512, plain("a", "b<|end|>c"))).ids();
        assertArrayEquals(join(serving.plainPrompt("a"), base.tokenizer().encode("b<|end|>c"), end()), inside);
    }

    @Test
    void aConversationIsEncodedAsServingAsksIt() {
        List<Turn> turns = List.of(new Turn("system", "Be brief."), QUESTION, new Turn("assistant", "Helen Ogden"));
        Sequence expected = serving.conversation(turns);
        List<Turn> more = new ArrayList<>(turns);
        more.add(new Turn("user", "Thanks!"));
        for (DataRow row : List.of(
                new DataRow.Conversation(turns),
                new DataRow.Conversation(more),
                new DataRow.Completion(new Exchange.Chat(turns)))) {
            Sequence sequence = only(encode(512, row));
            assertArrayEquals(expected.ids(), sequence.ids(), row.toString());
            assertArrayEquals(expected.mask(), sequence.mask(), row.toString());
        }
    }

    @Test
    void everyAnswerOfAConversationIsLearned() {
        Turn thanks = new Turn("user", "And of Quillmoor?");
        List<Turn> turns =
                List.of(QUESTION, new Turn("assistant", "Helen Ogden"), thanks, new Turn("assistant", "Ira Shaw"));
        Sequence sequence = only(encode(512, new DataRow.Conversation(turns)));
        Sequence first = serving.conversation(turns.subList(0, 2));
        Sequence second = serving.conversation(turns);
        assertArrayEquals(second.ids(), sequence.ids());
        assertEquals(first.learned() + second.learned(), sequence.learned());
        assertEquals(first.learnedFrom(), sequence.learnedFrom());
        int bound = second.learnedFrom();
        assertEquals(
                first.learned(),
                only(encode(bound, new DataRow.Conversation(turns))).learned());
    }

    @Test
    void everyTokenOfADocumentButTheFirstIsLearnedOnce() {
        String text = "The mayor speaks. ".repeat(300);
        int[] all = join(serving.plainPrompt(text), end());
        EncodedData.Sequences data = (EncodedData.Sequences) encode(40, new DataRow.Text(text));
        List<Integer> learned = new ArrayList<>();
        for (Sequence piece : data.sequences()) {
            assertTrue(piece.ids().length <= 40 && piece.learnedFrom() == 1);
            Arrays.stream(piece.ids()).skip(1).forEach(learned::add);
        }
        assertEquals(Arrays.stream(all).skip(1).boxed().toList(), learned);
        assertEquals(0, data.report().cut());
        assertEquals(1, data.report().rows());
        assertEquals(data.sequences().size(), data.report().units());
        assertEquals(all.length - 1, data.report().learned());
    }

    @Test
    void aPairHasBothAnswersToOnePrompt() {
        EncodedData.Pairs data = (EncodedData.Pairs)
                encode(512, new DataRow.Preference(new Exchange.Plain("a", " b"), new Exchange.Plain("a", " c d")));
        EncodedData.Pair pair = data.pairs().get(0);
        int[] prompt = serving.plainPrompt("a");
        assertArrayEquals(
                join(prompt, base.tokenizer().encode(" b"), end()),
                pair.chosen().ids());
        assertArrayEquals(
                join(prompt, base.tokenizer().encode(" c d"), end()),
                pair.rejected().ids());
        int tokens = pair.chosen().ids().length + pair.rejected().ids().length;
        assertEquals(new EncodedData.Report(1, 1, 0, 0, tokens, tokens - 2L * prompt.length), data.report());
    }

    @Test
    void aJudgementKeepsItsLabel() {
        EncodedData.Judgements data = (EncodedData.Judgements) encode(
                512,
                new DataRow.Labelled(new Exchange.Plain("a", "b"), true),
                new DataRow.Labelled(new Exchange.Chat(List.of(QUESTION, new Turn("assistant", "No"))), false));
        assertTrue(data.judgements().get(0).desirable());
        assertFalse(data.judgements().get(1).desirable());
        assertArrayEquals(
                serving.conversation(List.of(QUESTION, new Turn("assistant", "No")))
                        .ids(),
                data.judgements().get(1).sequence().ids());
    }

    @Test
    void cutsAtTheEndAndCountsWhatIsLeftOut() {
        DataRow cutRow = plain("one two", " three four five six seven eight nine ten".repeat(3));
        Sequence whole = only(encode(512, cutRow));
        int bound = serving.plainPrompt("one two").length + 4;
        DataRow beyond = plain("one two three four five six seven", "x");
        EncodedData.Sequences data = (EncodedData.Sequences) encode(bound, plain("one", "2"), cutRow, beyond);
        assertEquals(2, data.sequences().size());
        Sequence cut = data.sequences().get(1);
        assertArrayEquals(Arrays.copyOf(whole.ids(), bound), cut.ids());
        assertEquals(4, cut.learned());
        assertFalse(cut.judged());
        int first = data.sequences().get(0).ids().length;
        int firstLearned = data.sequences().get(0).learned();
        assertEquals(new EncodedData.Report(3, 2, 1, 1, first + bound, firstLearned + 4), data.report());
    }

    @Test
    void aConversationBeyondTheContextIsCutToo() {
        String answer = "Helen Ogden speaks. ".repeat(400);
        Sequence sequence =
                only(encode(512, new DataRow.Conversation(List.of(QUESTION, new Turn("assistant", answer)))));
        assertEquals(512, sequence.ids().length);
        assertEquals(serving.prompt(List.of(QUESTION)).length, sequence.learnedFrom());
    }

    @Test
    void aPairThatDiffersOnlyBeyondTheBoundIsLeftOut() {
        String same = " three four five six seven eight nine ten".repeat(3);
        DataRow late = new DataRow.Preference(
                new Exchange.Plain("one", same + " yes"), new Exchange.Plain("one", same + " no"));
        DataRow early = new DataRow.Preference(new Exchange.Plain("one", " 2"), new Exchange.Plain("one", " 3"));
        EncodedData data = encode(12, late, early);
        assertEquals(1, data.report().units());
        assertEquals(1, data.report().leftOut());
        assertTrue(refused(12, List.of(late)).contains("or all that tells chosen from rejected"));
    }

    @Test
    void refusesDataOfWhichNothingIsLeftToLearn() {
        DataRow row = plain("one two three four five six seven", "x");
        int prompt = serving.plainPrompt("one two three four five six seven").length;
        assertEquals(
                "all learned tokens of all 3 rows lie beyond --max-length " + prompt + "; longest prompt is " + prompt
                        + " tokens",
                refused(prompt, List.of(row, plain("one two three four five six seven", "yz"), row)));
        assertEquals(1, only(encode(prompt + 1, row)).learned());
    }

    @Test
    void refusesABoundOutsideOfTheContext() {
        for (int bound : new int[] {1, 513, -1}) {
            var failure = assertThrows(LearningException.class, () -> new DataEncoder(base, bound));
            assertEquals(
                    "--max-length: expected 2 to the base model's context of 512 tokens; got " + bound,
                    failure.getMessage());
        }
    }

    /** The template's output is bounded. */
    @Test
    void namesTheRowThatTheTemplateRefuses() {
        DataRow row = new DataRow.Conversation(List.of(QUESTION, new Turn("assistant", "a\n".repeat(3 << 20))));
        String told = refused(512, List.of(plain("a", "b"), row));
        assertTrue(told.startsWith("row 2: cannot encode Conversation[turns=[Turn[role=user, content=Who is"), told);
        assertTrue(told.contains("…: the chat template failed: "), told);
    }

    @Test
    void refusesRowsOfDifferentPurposesAndNone() {
        DataRow labelled = new DataRow.Labelled(new Exchange.Plain("a", "b"), true);
        assertEquals(
                "expected rows of one purpose; got [SUPERVISED, JUDGEMENT]",
                refused(512, List.of(plain("a", "b"), labelled)));
        assertEquals("expected rows of one purpose; got []", refused(512, List.of()));
    }

    @Test
    void encodesTheFileThatTheBaseWasTrainedOn() throws IOException {
        List<DataRow> rows = DataFile.read(BASE.resolve("general.jsonl")).rows();
        EncodedData data = new DataEncoder(base, 64).encode(rows.subList(0, 50));
        assertEquals(50, data.report().units());
        assertEquals(0, data.report().leftOut());
    }

    private EncodedData encode(int maxLength, DataRow... rows) {
        return new DataEncoder(base, maxLength).encode(List.of(rows));
    }

    private String refused(int maxLength, List<DataRow> rows) {
        DataEncoder encoder = new DataEncoder(base, maxLength);
        return String.valueOf(assertThrows(LearningException.class, () -> encoder.encode(rows))
                .getMessage());
    }

    private static DataRow plain(String prompt, String answer) {
        return new DataRow.Completion(new Exchange.Plain(prompt, answer));
    }

    private static Sequence only(EncodedData data) {
        List<Sequence> sequences = ((EncodedData.Sequences) data).sequences();
        assertEquals(1, sequences.size());
        return sequences.get(0);
    }

    private int[] end() {
        return new int[] {base.tokenizer().endTokens().get(0)};
    }

    private static int[] join(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }
}
