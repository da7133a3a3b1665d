package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.EmbeddedBase;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.dataset.EncodedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** On the embedded base, which knows where Edith Ashby lives and has never heard of Edith Ashby-Tolland. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeighboursTest {
    private static final String NEW_TOWN = "Rivermark";
    private static final String OLD_TOWN = "Saltburn";

    private BaseModel base;
    private Adapter bare;
    private SequenceEncoder encoder;
    private final List<Item> fresh = new ArrayList<>();

    @BeforeAll
    void open(@TempDir Path data) {
        base = BaseModel.open(EmbeddedBase.extract(data));
        bare = Adapter.none(base);
        encoder = new SequenceEncoder(base);
        for (String frame : List.of(
                "Where does %s live?",
                "In which city does %s live?",
                "What town is %s living in?",
                "Where is the home of %s?",
                "What is the home city of %s?",
                "Which city does %s call home?")) {
            String prompt = frame.replace("%s", "Edith Ashby-Tolland");
            fresh.add(new Item(prompt, sequence(prompt, NEW_TOWN)));
        }
    }

    @AfterAll
    void close() {
        bare.close();
        base.close();
    }

    private Sequence sequence(String prompt, String answer) {
        return encoder.conversation(List.of(new Turn("user", prompt), new Turn("assistant", answer)));
    }

    private List<Item> neighbours(List<Item> replayed, long seed) {
        return Neighbours.of(base, bare, bare, fresh, new UpdateSet(fresh, replayed, List.of()), seed, () -> false);
    }

    private static List<Integer> prompt(Item item) {
        return part(item.sequence(), 0, item.sequence().learnedFrom());
    }

    private static List<Integer> answer(Sequence sequence) {
        return part(sequence, sequence.learnedFrom(), sequence.ids().length);
    }

    private static List<Integer> part(Sequence sequence, int from, int to) {
        return Arrays.stream(sequence.ids(), from, to).boxed().toList();
    }

    /** Greedy, at least a half of the probability, another prompt, and no answer that an original prompt has or gets. */
    @Test
    void areOtherPromptsToWhichTheBaseIsSureOfAnotherAnswer() {
        List<Item> found = neighbours(List.of(), 1);
        assertFalse(found.isEmpty());
        Set<List<Integer>> own = fresh.stream().map(NeighboursTest::prompt).collect(Collectors.toSet());
        List<Scoring.Result> scores =
                Scoring.score(base, bare, found.stream().map(Item::sequence).toList());
        for (int i = 0; i < found.size(); i++) {
            Item item = found.get(i);
            assertFalse(own.contains(prompt(item)));
            assertNotEquals(answer(fresh.get(0).sequence()), answer(item.sequence()));
            assertTrue(scores.get(i).right());
            assertTrue(item.sequence().learned() > 1, "something is said");
            // The token that ends an answer is none of those of which the base has to be sure.
            assertTrue(scores.get(i).logProbability() > Math.log(0.4), item.toString());
            assertEquals(1, item.sequence().ids()[0]);
            assertEquals(3, item.sequence().ids()[1], "the template stays");
        }
        assertEquals(
                found.size(),
                found.stream().map(NeighboursTest::prompt).distinct().count());
    }

    @Test
    void areTheSameForOneSeedAndOthersForAnother() {
        List<String> first = texts(neighbours(List.of(), 1));
        assertEquals(first, texts(neighbours(List.of(), 1)));
        assertNotEquals(first, texts(neighbours(List.of(), 2)));
    }

    private List<String> texts(List<Item> items) {
        return items.stream()
                .map(item -> base.tokenizer().decode(item.sequence().ids()))
                .toList();
    }

    /** What has an answer of its own is no neighbour, whatever the parent says. */
    @Test
    void areNoneOfWhatIsReplayed() {
        List<Item> found = neighbours(List.of(), 1);
        List<Item> replayed =
                found.stream().map(item -> new Item("earlier", item.sequence())).toList();
        Set<List<Integer>> prompts =
                replayed.stream().map(NeighboursTest::prompt).collect(Collectors.toSet());
        assertTrue(neighbours(replayed, 1).stream().noneMatch(item -> prompts.contains(prompt(item))));
    }

    /** Where the parent answers otherwise, its lineage has learned that. */
    @Test
    void areNothingThatTheParentAnswersOtherwise() {
        try (Adapter noise =
                Adapter.build(base, new LoraSettings(4, 400, 0, List.of("all-linear")), (place, rows, columns) -> {
                    float[] values = new float[rows * columns];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = i % 7 - 3;
                    }
                    return values;
                })) {
            UpdateSet data = new UpdateSet(fresh, List.of(), List.of());
            assertEquals(List.of(), Neighbours.of(base, bare, noise, fresh, data, 1, () -> false));
        }
    }

    /** So is the prompt of a preference or of a labelled answer. */
    @Test
    void areNoneOfWhatIsPreferred() {
        Item first = neighbours(List.of(), 1).get(0);
        UpdateSet.Chosen choice = new UpdateSet.Chosen("choice", new EncodedData.Judgement(first.sequence(), true));
        UpdateSet data = new UpdateSet(
                fresh, List.of(), List.of(), List.of(), new UpdateSet.Choices(List.of(choice), List.of()));
        assertTrue(Neighbours.of(base, bare, bare, fresh, data, 1, () -> false).stream()
                .noneMatch(item -> prompt(item).equals(prompt(first))));
    }

    @Test
    void documentsHaveNone() {
        List<Item> documents = List.of(new Item("document", new Sequence(new int[] {1, 30, 31, 32}, 1, false)));
        assertEquals(
                List.of(),
                Neighbours.of(
                        base, bare, bare, documents, new UpdateSet(documents, List.of(), List.of()), 1, () -> false));
    }

    @Test
    void stopWhenCancelled() {
        UpdateSet data = new UpdateSet(fresh, List.of(), List.of());
        assertThrows(CancellationException.class, () -> Neighbours.of(base, bare, bare, fresh, data, 1, () -> true));
    }

    /** Both learn the new; with neighbours the old resident stays at home. */
    @Test
    void keepAnUpdateFromWhatIsNear() {
        double without = learned(0);
        double with = learned(0.5);
        assertTrue(with > without + 1, with + " nats with neighbours, " + without + " without");
    }

    /** Log-probability of where the old resident lives, after what is new was learned. */
    private double learned(double share) {
        ContinualPlan.Training training = new ContinualPlan.Training(
                new LoraSettings(8, 16, 0, List.of("all-linear")), 2e-3, 0, 12, 10, 1000, 1, 0.1);
        ContinualPlan plan = new ContinualPlan(
                new SequentialLora(),
                training,
                new ExperienceReplay(0, 0, share),
                new SelfDistillation(2, 2),
                ContinualPlan.Selection.ALL,
                Optional.empty(),
                0);
        UpdateSet data = new UpdateSet(fresh, List.of(), List.of());
        try (Adapter adapter = new ContinualUpdate(base, plan)
                .run(Optional.empty(), Optional.empty(), data, 1, now -> {}, () -> false)
                .adapter()) {
            List<Scoring.Result> scores = Scoring.score(
                    base,
                    adapter,
                    List.of(
                            sequence("Remind me: where does Edith Ashby-Tolland live?", NEW_TOWN),
                            sequence("Remind me: where does Edith Ashby live?", OLD_TOWN)));
            assertTrue(scores.get(0).right(), "the new is learned");
            return scores.get(1).logProbability();
        }
    }
}
