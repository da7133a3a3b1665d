package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WaitingExamplesTest {
    @Test
    void areReadBackAsTheyWerePutIn() {
        List<Waiting> queue = List.of(
                new Waiting(3, answer("c", "who", "Ada")),
                new Waiting(4, document("a")),
                new Waiting(7, answer("b", "who", "Grace")),
                new Waiting(9, answer("d", "where", "London")));
        WaitingExamples one = WaitingExamples.NONE;
        for (Waiting each : queue) {
            one = one.plus(each.number(), each.example());
        }
        assertEquals(one, WaitingExamples.of(queue));
        assertEquals(queue, WaitingExamples.of(queue).toSnapshot());
        assertEquals(one.minus("b"), WaitingExamples.of(queue).minus("b"));
    }

    private static ExampleRef answer(String id, String asked, String answered) {
        return new ExampleRef(
                id, 10, ExampleUse.TRAIN, true, Optional.of(asked), Optional.of(answered), Optional.empty());
    }

    private static ExampleRef document(String id) {
        return new ExampleRef(id, 10, ExampleUse.TRAIN, false);
    }
}
