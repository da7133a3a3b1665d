package dev.perennial.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.RandomAdapters;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.ScoredToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The line and the rows, turn by turn, on a thread that is moved by hand. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DecodingLoopTest {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final Path OTHER_BASE = Path.of("src/test/resources/reference/tied");
    private static final int LONG = 100;

    private final HandThread thread = new HandThread();
    private final List<String> begun = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();

    private BaseModel base;
    private Adapter adapter;

    @BeforeAll
    void open() {
        base = BaseModel.open(BASE);
        adapter = RandomAdapters.of(base, 4, List.of("all-linear"), 1);
    }

    @BeforeEach
    void forget() {
        begun.clear();
        failures.clear();
    }

    @AfterAll
    void close() {
        adapter.close();
        base.close();
    }

    /** A completion, whose adapter is lent once, and what was heard of it. */
    private final class Asked implements Completion.Listener {
        private final String name;
        private final Completion completion;
        private final StringBuilder text = new StringBuilder();
        private boolean abandoned;
        private int lent = 1;

        Asked(String name, Adapter adapter, int promptTokens, int maxTokens) {
            this.name = name;
            int[] prompt = new int[promptTokens];
            Arrays.fill(prompt, 40);
            this.completion = new Completion(
                    base.tokenizer(),
                    new AdapterCache.Loan(adapter, () -> lent++, () -> lent--),
                    prompt,
                    // so hot that the model does not come to an end by itself
                    new Decoder.Settings(maxTokens, 100, 1, 7),
                    List.of(),
                    this,
                    () -> abandoned);
        }

        Asked(String name, int maxTokens) {
            this(name, adapter, 5, maxTokens);
        }

        @Override
        public void begun() {
            begun.add(name);
            if (name.equals("throws at the beginning")) {
                throw new IllegalStateException(name);
            }
        }

        @Override
        public void written(String fresh, List<ScoredToken> tokens) {
            text.append(fresh);
            if (name.equals("throws later")) {
                throw new IllegalStateException(name);
            }
        }

        CompletableFuture<Boolean> ended() {
            return completion.ended().toCompletableFuture();
        }

        boolean runs() {
            return !ended().isDone();
        }

        Throwable failure() {
            assertTrue(ended().isCompletedExceptionally(), name);
            assertEquals(0, lent, name);
            Throwable cause =
                    assertThrows(CompletionException.class, ended()::join).getCause();
            return Objects.requireNonNull(cause);
        }

        Problem problem() {
            return assertInstanceOf(ProblemException.class, failure()).problem();
        }

        void assertWhole() {
            assertTrue(ended().join(), name);
            assertEquals(completion.text(), text.toString());
            assertEquals(0, lent, name);
        }
    }

    private DecodingLoop loop(int capacity, Asked... asked) {
        DecodingLoop loop = new DecodingLoop(base, capacity, thread, failures::add);
        for (Asked each : asked) {
            loop.add(each.completion);
        }
        return loop;
    }

    @Test
    void restsWithoutWorkAndWakesForIt() {
        Asked first = new Asked("first", 20);
        DecodingLoop loop = loop(2, first);
        thread.runUntilItRests();
        first.assertWhole();
        assertEquals("length", first.completion.reason());
        assertEquals(20, first.completion.tokens());
        Asked second = new Asked("second", 20);
        loop.add(second.completion);
        assertEquals(1, thread.waiting());
        thread.runUntilItRests();
        second.assertWhole();
        assertEquals(first.text.toString(), second.text.toString());
    }

    @Test
    void isOneTaskHoweverManyAreWritten() {
        loop(2, new Asked("a", LONG), new Asked("b", LONG), new Asked("c", LONG));
        thread.round();
        for (int turn = 0; turn < LONG / 8; turn++) {
            assertEquals(1, thread.waiting());
            thread.round();
        }
        thread.runUntilItRests();
        assertEquals(List.of("a", "b", "c"), begun);
    }

    @Test
    void admitsInTheOrderOfTheLineAsRowsGetFree() {
        Asked longer = new Asked("longer", LONG);
        Asked shorter = new Asked("shorter", 4);
        Asked third = new Asked("third", 12);
        Asked fourth = new Asked("fourth", 4);
        loop(2, longer, shorter, third, fourth);
        thread.round();
        thread.round();
        assertEquals(List.of("longer", "shorter"), begun);
        assertFalse(shorter.runs());
        thread.round();
        assertEquals(List.of("longer", "shorter", "third"), begun);
        thread.round();
        thread.round();
        assertEquals(List.of("longer", "shorter", "third", "fourth"), begun);
        assertTrue(longer.runs());
        thread.runUntilItRests();
        List.of(longer, shorter, third, fourth).forEach(Asked::assertWhole);
    }

    @Test
    void anAbandonedRowIsFreeInTheNextTurn() {
        Asked first = new Asked("first", LONG);
        Asked second = new Asked("second", LONG);
        Asked third = new Asked("third", 4);
        loop(2, first, second, third);
        thread.round();
        thread.round();
        assertEquals(List.of("first", "second"), begun);
        first.abandoned = true;
        thread.round();
        assertFalse(first.ended().join());
        assertEquals(0, first.lent);
        third.assertWhole();
        assertTrue(second.runs());
        thread.runUntilItRests();
        second.assertWhole();
    }

    @Test
    void anAbandonedCompletionLeavesTheLine() {
        Asked first = new Asked("first", LONG);
        Asked second = new Asked("second", LONG);
        loop(1, first, second);
        thread.round();
        second.abandoned = true;
        thread.round();
        assertFalse(second.ended().join());
        assertEquals(0, second.lent);
        assertTrue(first.runs());
        thread.runUntilItRests();
        first.assertWhole();
        assertEquals(List.of("first"), begun);
    }

    @Test
    void aFailureOfOneEndsThatOneOnly() {
        Asked alone = new Asked("alone", LONG);
        loop(3, alone);
        thread.runUntilItRests();
        Asked neighbour = new Asked("neighbour", LONG);
        Asked tooLong = new Asked("too long", adapter, base.shape().context(), 4);
        Asked atTheBeginning = new Asked("throws at the beginning", LONG);
        Asked later = new Asked("throws later", LONG);
        Asked last = new Asked("last", 10);
        loop(3, neighbour, tooLong, atTheBeginning, later, last);
        thread.runUntilItRests();
        assertInstanceOf(LearningException.class, tooLong.failure());
        assertEquals("throws at the beginning", atTheBeginning.failure().getMessage());
        assertEquals("throws later", later.failure().getMessage());
        neighbour.assertWhole();
        last.assertWhole();
        assertEquals(alone.text.toString(), neighbour.text.toString());
        assertEquals(List.of(), failures);
    }

    @Test
    void aBrokenDecoderEndsItsRowsAndTheNextOnesGetANewOne() {
        try (BaseModel otherBase = BaseModel.open(OTHER_BASE);
                Adapter foreign = RandomAdapters.of(otherBase, 4, List.of("all-linear"), 1)) {
            Asked first = new Asked("first", LONG);
            Asked wrong = new Asked("wrong", foreign, 5, LONG);
            Asked waiting = new Asked("waiting", LONG);
            loop(2, first, wrong, waiting);
            thread.runUntilItRests();
            assertEquals(Problem.Kind.INTERNAL, wrong.problem().kind());
            assertEquals(wrong.problem(), first.problem());
            assertTrue(first.problem().message().startsWith("the decoder failed while it wrote this completion"));
            assertEquals(1, failures.size());
            waiting.assertWhole();
            Asked alone = new Asked("alone", LONG);
            loop(2, alone);
            thread.runUntilItRests();
            assertEquals(alone.text.toString(), waiting.text.toString());
        }
    }

    @Test
    void stoppingEndsAllThatIsWrittenOrWaits() {
        Asked first = new Asked("first", LONG);
        Asked waiting = new Asked("waiting", LONG);
        Asked late = new Asked("late", LONG);
        DecodingLoop loop = loop(1, first, waiting);
        thread.round();
        thread.round();
        loop.stop();
        loop.add(late.completion);
        thread.runUntilItRests();
        for (Asked each : List.of(first, waiting, late)) {
            assertEquals(Problem.unavailable("the node is stopping"), each.problem());
        }
        assertEquals(List.of("first"), begun);
    }
}
