package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnAnswersTest {
    private BaseModel base;
    private final List<Sequence> asked = new ArrayList<>();

    @BeforeAll
    void open() {
        base = BaseModel.open(Path.of("src/test/resources/reference/untied"));
        // more than are decoded at once
        for (int i = 0; i < 20; i++) {
            asked.add(new Sequence(new int[] {1, 30 + i, 31 + 2 * i, 32, 250, 2}, 4, true));
        }
    }

    @AfterAll
    void close() {
        base.close();
    }

    /** Greedy decoding writes exactly those answers of which every token is the most probable one. */
    @Test
    void areWhatTheBaseItselfFindsMostProbable() {
        List<Sequence> answers = OwnAnswers.of(base, asked, 6, () -> false);
        assertEquals(asked.size(), answers.size());
        for (int i = 0; i < asked.size(); i++) {
            assertArrayEquals(
                    Arrays.copyOf(asked.get(i).ids(), 4),
                    Arrays.copyOf(answers.get(i).ids(), 4));
            assertEquals(4, answers.get(i).learnedFrom());
            assertTrue(answers.get(i).learned() <= 7);
        }
        try (Adapter bare = Adapter.none(base)) {
            assertTrue(Scoring.score(base, bare, answers).stream().allMatch(Scoring.Result::right));
        }
    }

    @Test
    void stopWhenCancelled() {
        assertThrows(CancellationException.class, () -> OwnAnswers.of(base, asked, 6, () -> true));
    }
}
