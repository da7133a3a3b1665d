package dev.perennial.simulations.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DemandTest {
    private static final double TEN_DAYS = 240;

    private final Demand demand = new Demand(new World(new Scale(20, 1, 30, 1), 7));

    @Test
    void anUpdateTakesTheOldestAndLeavesTheRest() {
        demand.advance(0, TEN_DAYS);
        double waiting = demand.waiting[0];
        double first = demand.oldest[0];
        assertTrue(waiting > 10, () -> "" + waiting);
        assertEquals(waiting / 4, demand.take(0, waiting / 4, TEN_DAYS));
        assertEquals(waiting * 3 / 4, demand.waiting[0], 1e-9);
        assertEquals(first + (TEN_DAYS - first) / 4, demand.oldest[0], 1e-9);
    }

    @Test
    void anUpdateThatMayTakeMoreThanWaitsTakesAll() {
        demand.advance(0, TEN_DAYS);
        double waiting = demand.waiting[0];
        assertEquals(waiting, demand.take(0, 2 * waiting, TEN_DAYS));
        assertEquals(0, demand.waiting[0]);
        assertTrue(Double.isNaN(demand.oldest[0]));
    }
}
