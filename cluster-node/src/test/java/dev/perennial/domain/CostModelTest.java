package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CostModelTest {
    @Test
    void predictsNothingBeforeTheFirstUpdateWasDone() {
        assertEquals(Optional.empty(), CostModel.EMPTY.predict(request(100, 1_000, "a")));
    }

    @Test
    void learnsALinearLaw() {
        CostModel model = CostModel.EMPTY;
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            int steps = random.nextInt(400);
            long tokens = random.nextInt(2_000_000);
            model = model.learn(request(steps, tokens, "a"), 30 + 0.5 * steps + tokens / 1000.0);
        }
        assertEquals(30 + 100 + 500, model.predict(request(200, 500_000, "a")).orElseThrow(), 1);
    }

    @Test
    void followsAChangeOfTheLaw() {
        CostModel model = CostModel.EMPTY;
        for (int i = 0; i < 100; i++) {
            model = model.learn(request(10 + i % 50, 0, "a"), 2.0 * (10 + i % 50));
        }
        for (int i = 0; i < 1000; i++) {
            model = model.learn(request(10 + i % 50, 0, "a"), 6.0 * (10 + i % 50));
        }
        assertEquals(240, model.predict(request(40, 0, "a")).orElseThrow(), 5);
    }

    @Test
    void keepsBasesApartOnceEachHasSeenEnough() {
        CostModel model = CostModel.EMPTY;
        for (int i = 0; i < 30; i++) {
            model = model.learn(request(100 + i, 0, "small"), 100 + i)
                    .learn(request(100 + i, 0, "large"), 1000 + 10 * i);
        }
        double small = model.predict(request(120, 0, "small")).orElseThrow();
        double unknown = model.predict(request(120, 0, "other")).orElseThrow();
        double large = model.predict(request(120, 0, "large")).orElseThrow();
        assertEquals(120, small, 1);
        assertEquals(1200, large, 1);
        assertTrue(small < unknown && unknown < large);
    }

    @Test
    void predictsNoTimeBelowASecond() {
        CostModel model = CostModel.EMPTY.learn(request(100, 0, "a"), 100).learn(request(200, 0, "a"), 10);
        assertEquals(1, model.predict(request(100_000, 0, "a")).orElseThrow());
    }

    @Test
    void staysFiniteWhereAllUpdatesAreAlike() {
        CostModel model = CostModel.EMPTY;
        for (int i = 0; i < 100_000; i++) {
            model = model.learn(request(100, 5_000, "a"), 60);
        }
        assertEquals(60, model.predict(request(100, 5_000, "a")).orElseThrow(), 1e-3);
        assertTrue(model.toSnapshot().get(0).covariance().stream().allMatch(each -> Math.abs(each) < 1e6));
    }

    private static UpdateRequest request(int steps, long tokens, String base) {
        return new UpdateRequest(
                Story.id(1),
                UpdateKind.TASK,
                0.5,
                Optional.empty(),
                Optional.empty(),
                9,
                Story.START,
                "default",
                List.of(),
                new UpdateSignals(0, 0, 0, Optional.empty(), Optional.empty(), 0, steps, tokens, Optional.of(base)));
    }
}
