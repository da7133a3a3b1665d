package dev.perennial.learning.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.LearningException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DataSplitTest {
    private static final List<DataRow> ROWS = rows(100);

    @Test
    void theSameSeedGivesTheSameParts() {
        assertEquals(DataSplit.of(ROWS, 0.05, 7), DataSplit.of(rows(100), 0.05, 7));
        assertNotEquals(DataSplit.of(ROWS, 0.05, 7), DataSplit.of(ROWS, 0.05, 8));
    }

    @Test
    void theTwoPartsAreAllRowsInOrder() {
        DataSplit split = DataSplit.of(ROWS, 0.05, 7);
        assertEquals(5, split.heldOut().size());
        List<DataRow> all = new ArrayList<>(ROWS);
        all.removeAll(split.heldOut());
        assertEquals(all, split.train());
        List<DataRow> held = new ArrayList<>(ROWS);
        held.retainAll(split.heldOut());
        assertEquals(held, split.heldOut());
    }

    @Test
    void equalRowsStayTogether() {
        List<DataRow> doubled = new ArrayList<>(ROWS);
        doubled.addAll(ROWS);
        for (long seed = 0; seed < 10; seed++) {
            DataSplit split = DataSplit.of(doubled, 0.1, seed);
            assertEquals(20, split.heldOut().size());
            assertTrue(Collections.disjoint(new HashSet<>(split.train()), split.heldOut()));
        }
    }

    @Test
    void aShareOfNothingHoldsNothingOutAndAnyOtherAtLeastOneRow() {
        assertEquals(new DataSplit(ROWS, List.of()), DataSplit.of(ROWS, 0, 7));
        assertEquals(1, DataSplit.of(ROWS, 1e-6, 7).heldOut().size());
    }

    @Test
    void refusesWhatLeavesAPartEmpty() {
        for (double share : new double[] {1, -0.1, Double.NaN}) {
            assertTrue(refused(ROWS, share).startsWith("--held-out: expected a share from 0 to less than 1; got "));
        }
        assertEquals(
                "--held-out 0.5 of 1 rows, 1 of them different, leaves 0 to train on and 1 held out; expected at least"
                        + " one of each",
                refused(rows(1), 0.5));
        assertTrue(refused(Collections.nCopies(9, ROWS.get(0)), 0.5).contains("leaves 9 to train on and 0 held out"));
    }

    private static String refused(List<DataRow> rows, double share) {
        return String.valueOf(assertThrows(LearningException.class, () -> DataSplit.of(rows, share, 7))
                .getMessage());
    }

    private static List<DataRow> rows(int count) {
        return IntStream.range(0, count)
                .<DataRow>mapToObj(i -> new DataRow.Text("row " + i))
                .toList();
    }
}
