package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.KnowledgeGap.Choice;
import dev.perennial.learning.continual.KnowledgeGap.Measured;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.continual.UpdateSet.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnowledgeGapTest {
    @Test
    void theLargestGapComesFirst() {
        // gaps 2 * 3 - 3 = 3, 2 * 3 - 5 = 1, 2 * 3 - 1 = 5, 2 * 4 - 4 = 4
        Choice choice = KnowledgeGap.choose(List.of(
                unknown("as the base", 3, 3),
                unknown("half learned", 3, 5),
                unknown("spoilt", 3, 1),
                unknown("new", 4, 4)));
        assertEquals(List.of("spoilt", "new", "as the base", "half learned"), choice.unknown());
    }

    @Test
    void equalGapsStayInTheirOrder() {
        Choice choice = KnowledgeGap.choose(List.of(unknown("c", 2, 2), unknown("a", 2, 2), unknown("b", 2, 2)));
        assertEquals(List.of("c", "a", "b"), choice.unknown());
    }

    @Test
    void aRightAnswerIsKnownAndADocumentNeverIs() {
        Choice choice = KnowledgeGap.choose(
                List.of(new Measured("answer", true, true, 0.1, 4), new Measured("document", false, true, 0.1, 4)));
        assertEquals(new Choice(List.of("document"), List.of("answer"), List.of()), choice);
    }

    /** Median 4 and MAD 0: the least sigma of 0.5 puts the bound at 4 + 3.5 * 0.5 = 5.75. */
    @Test
    void anOutlierIsFarAboveTheMedianUnderBothModels() {
        List<Measured> examples = ten(4, 4);
        examples.add(unknown("noise", 5.8, 5.8));
        examples.add(unknown("hard", 5.7, 5.8));
        examples.add(unknown("reduced by the lineage", 4, 9));
        examples.add(unknown("spoilt by the lineage", 9, 4));
        assertEquals(List.of("noise"), KnowledgeGap.choose(examples).outliers());
    }

    /** Losses 1 … 11 have the median 6 and the MAD 3: the bound is 6 + 3.5 * 1.4826 * 3 = 21.567. */
    @Test
    void theBoundFollowsTheSpread() {
        List<Measured> examples = new ArrayList<>();
        for (int loss = 1; loss <= 10; loss++) {
            examples.add(unknown("e" + loss, loss, loss));
        }
        List<Measured> within = new ArrayList<>(examples);
        within.add(unknown("last", 21.5, 21.5));
        assertEquals(List.of(), KnowledgeGap.choose(within).outliers());
        List<Measured> beyond = new ArrayList<>(examples);
        beyond.add(unknown("last", 21.6, 21.6));
        assertEquals(List.of("last"), KnowledgeGap.choose(beyond).outliers());
    }

    @Test
    void whatIsKnownDoesNotMakeTheUnknownStrange() {
        List<Measured> examples = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            examples.add(new Measured("known" + i, true, true, 0.01, 0.01));
        }
        examples.addAll(ten(8, 8));
        assertEquals(List.of(), KnowledgeGap.choose(examples).outliers());
    }

    @Test
    void documentsAreComparedWithDocuments() {
        List<Measured> examples = ten(1, 1);
        for (int i = 0; i < 10; i++) {
            examples.add(new Measured("document" + i, false, false, 9, 9));
        }
        assertEquals(List.of(), KnowledgeGap.choose(examples).outliers());
    }

    @Test
    void ofFewerThanTenNoneIsAnOutlier() {
        List<Measured> examples = new ArrayList<>(ten(1, 1).subList(0, 8));
        examples.add(unknown("noise", 50, 50));
        assertEquals(List.of(), KnowledgeGap.choose(examples).outliers());
        examples.add(unknown("one more", 1, 1));
        assertEquals(List.of("noise"), KnowledgeGap.choose(examples).outliers());
    }

    @Test
    void answersToOneQuestionThatDifferAreAConflict() {
        assertEquals(
                List.of(List.of("a", "b", "e")),
                KnowledgeGap.conflicts(List.of(
                        item("a", "capital", "Rome"),
                        item("b", "capital", "Milan"),
                        item("c", "river", "Tiber"),
                        item("d", "river", "Tiber"),
                        item("e", "capital", "Rome"),
                        new Item("document", new Sequence(new int[] {1, 2}, 1, false)))));
    }

    @Test
    void withoutAQuestionTheTokensBeforeTheAnswerAsk() {
        Item rome = new Item("a", new Sequence(new int[] {1, 2, 7}, 2, true));
        Item milan = new Item("b", new Sequence(new int[] {1, 2, 8}, 2, true));
        Item other = new Item("c", new Sequence(new int[] {1, 2, 7, 8}, 3, true));
        assertEquals(List.of(List.of("a", "b")), KnowledgeGap.conflicts(List.of(rome, milan, other)));
    }

    @Test
    void itemsOfOneExampleStayTogetherInTheOrderOfTheIds() {
        Item first = item("a", "x", "1");
        Item second = item("b", "y", "2");
        Item third = item("a", "x", "3");
        assertEquals(
                List.of(second, first, third), KnowledgeGap.items(List.of(first, second, third), List.of("b", "a")));
    }

    private static List<Measured> ten(double parent, double base) {
        List<Measured> examples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            examples.add(unknown("usual" + i, parent, base));
        }
        return examples;
    }

    private static Measured unknown(String id, double parent, double base) {
        return new Measured(id, true, false, parent, base);
    }

    private static Item item(String id, String asked, String answered) {
        return new Item(id, new Sequence(new int[] {1, 2}, 1, true), Optional.of(new Question(asked, answered)));
    }
}
