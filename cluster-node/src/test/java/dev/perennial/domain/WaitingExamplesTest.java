package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.PackedExamples;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WaitingExamplesTest {
    private static final List<Waiting> QUEUE = List.of(
            new Waiting(3, answer("c", "who", "Ada")),
            new Waiting(4, document("a")),
            new Waiting(7, answer("b", "who", "Grace")),
            new Waiting(9, answer("d", "where", "London")));

    private static WaitingExamples putIn() {
        WaitingExamples one = WaitingExamples.NONE;
        for (Waiting each : QUEUE) {
            one = one.plus(each.number(), each.example());
        }
        return one;
    }

    @Test
    void areReadBackAsTheyWerePutIn() {
        PackedExamples packed = packed(QUEUE);
        assertEquals(putIn(), WaitingExamples.of(packed));
        assertEquals(packed, WaitingExamples.of(packed).pack());
        assertEquals(putIn().minus("b"), WaitingExamples.of(packed).minus("b"));
    }

    /** Where the index is made late, from the beginning, or is kept up over changes. */
    @Test
    void areFoundByIdAndByQuestionHoweverTheyCame() {
        for (WaitingExamples examples : List.of(putIn(), WaitingExamples.of(packed(QUEUE)), WaitingExamples.NONE)) {
            WaitingExamples all = examples.size() == 0
                    ? WaitingExamples.of(packed(QUEUE.subList(0, 2)))
                            .plus(7, answer("b", "who", "Grace"))
                            .plus(9, answer("d", "where", "London"))
                    : examples;
            assertEquals(List.of(QUEUE.get(0), QUEUE.get(2)), all.find(List.of("b", "c", "z")));
            assertTrue(all.supersede(kept(answer("k", "who", "Ada"), 5)));
            assertFalse(all.supersede(kept(answer("k", "who", "Ada"), 8)));
            WaitingExamples less = all.minus("b").minus(9);
            assertFalse(less.supersede(kept(answer("k", "who", "Grace"), 5)));
            assertTrue(less.supersede(kept(answer("k", "who", "Grace"), 1)));
            assertEquals(List.of(), less.find(List.of("b", "d")));
            assertEquals(List.of(QUEUE.get(1)), less.find(List.of("a")));
        }
    }

    private static PackedExamples packed(List<Waiting> queue) {
        TreeMap<Long, ExampleRef> examples = new TreeMap<>();
        queue.forEach(each -> examples.put(each.number(), each.example()));
        return new PackedExamples(examples);
    }

    private static Kept kept(ExampleRef example, long number) {
        return new Kept(example, number, 1, Optional.empty());
    }

    private static ExampleRef answer(String id, String asked, String answered) {
        return new ExampleRef(
                id, 10, ExampleUse.TRAIN, true, Optional.of(asked), Optional.of(answered), Optional.empty());
    }

    private static ExampleRef document(String id) {
        return new ExampleRef(id, 10, ExampleUse.TRAIN, false);
    }
}
