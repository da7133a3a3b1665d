package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Write;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LearnerTest {
    private static final DomainId NEWS = new DomainId("news");

    private static Write acknowledged(Write.Kind kind, String key, String receipt) {
        return new Write(kind, NEWS, key, Write.State.ACKNOWLEDGED, receipt);
    }

    private static Set<Write> booked(String receipt) throws Exception {
        Ledger ledger = new Ledger();
        Learner.book(ledger, NEWS, "comment", "completion", new ObjectMapper().readTree(receipt));
        return ledger.book().writes().stream().collect(Collectors.toSet());
    }

    @Test
    void booksBothExamplesThatFeedbackBecame() throws Exception {
        assertEquals(
                Set.of(
                        acknowledged(Write.Kind.FEEDBACK, "comment", "completion"),
                        acknowledged(Write.Kind.EXAMPLE, "a", ""),
                        acknowledged(Write.Kind.EXAMPLE, "b", "")),
                booked("{\"example_id\":\"a\",\"preference_id\":\"b\"}"));
    }

    @Test
    void booksNoExampleThatFeedbackDidNotBecome() throws Exception {
        assertEquals(
                Set.of(
                        acknowledged(Write.Kind.FEEDBACK, "comment", "completion"),
                        acknowledged(Write.Kind.EXAMPLE, "a", "")),
                booked("{\"example_id\":\"a\",\"preference_id\":null}"));
    }
}
