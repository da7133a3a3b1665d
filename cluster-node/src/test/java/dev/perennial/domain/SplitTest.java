package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    @Test
    void holdsOutAboutTheShareOfManyExamples() {
        Split split = Split.of(examples(0, 10_000, true), 0.1);
        // Five standard deviations of a binomial of 10,000 at 0.1, which is 30.
        assertEquals(1_000, split.heldOut().size(), 150);
        assertEquals(10_000, split.train().size() + split.heldOut().size());
    }

    @Test
    void holdsOutAJudgedExampleAsSoonAsThereAreFive() {
        for (int from = 0; from < 1_000; from += 5) {
            Split split = Split.of(examples(from, 5, true), 0.01);
            assertFalse(split.heldOut().isEmpty());
            assertFalse(split.train().isEmpty());
        }
    }

    @Test
    void holdsNothingOutWhereTheShareIsZero() {
        assertEquals(List.of(), Split.of(examples(0, 100, true), 0).heldOut());
    }

    @Test
    void alwaysLeavesSomethingToLearn() {
        for (int from = 0; from < 1_000; from++) {
            assertEquals(1, Split.of(examples(from, 1, true), 0.5).train().size());
        }
    }

    @Test
    void holdsOutAJudgedExampleAmongManyDocuments() {
        List<ExampleRef> examples = new ArrayList<>(examples(0, 500, false));
        examples.addAll(examples(1_000, 5, true));
        assertTrue(Split.of(examples, 0.01).heldOut().stream().anyMatch(ExampleRef::judged));
    }

    @Test
    void choosesAnExampleWhateverComesWithIt() {
        List<String> alone = Split.ids(Split.of(examples(0, 500, true), 0.2).heldOut());
        List<String> inCompany =
                Split.ids(Split.of(examples(0, 5_000, true), 0.2).heldOut());
        assertEquals(alone, inCompany.subList(0, alone.size()));
    }

    @Test
    void holdsOutWhatSaysTheSameInAnotherForm() {
        List<ExampleRef> answers = examples(0, 500, true);
        List<ExampleRef> preferences = answers.stream()
                .map(answer ->
                        new ExampleRef("p-" + answer.id(), 10, ExampleUse.TRAIN, true).withCompanion(answer.id()))
                .toList();
        List<ExampleRef> all = new ArrayList<>(answers);
        all.addAll(preferences);
        List<String> heldOut = Split.ids(Split.of(all, 0.2).heldOut());
        List<String> half = heldOut.subList(0, heldOut.size() / 2);
        assertTrue(half.size() > 50);
        assertEquals(half.stream().map(id -> "p-" + id).toList(), heldOut.subList(heldOut.size() / 2, heldOut.size()));
    }

    private static List<ExampleRef> examples(int from, int count, boolean judged) {
        return IntStream.range(from, from + count)
                .mapToObj(number -> new ExampleRef("e" + number, 10, ExampleUse.TRAIN, judged))
                .toList();
    }
}
