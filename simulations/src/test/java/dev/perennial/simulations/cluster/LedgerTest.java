package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainId;
import dev.perennial.simulations.cluster.invariants.Write;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTest {
    private static final DomainId NEWS = new DomainId("news");

    private final Ledger ledger = new Ledger();

    @Test
    void countsWhatWasSentAsAmbiguousUntilItIsAcknowledged() {
        ledger.open(Write.Kind.UPDATE, NEWS, "k");
        assertEquals(
                List.of(new Write(Write.Kind.UPDATE, NEWS, "k", Write.State.AMBIGUOUS, "")),
                ledger.book().writes());
        assertEquals(0, ledger.acknowledged());

        ledger.acknowledge(Write.Kind.UPDATE, NEWS, "k", "news-u1");
        assertEquals(
                List.of(new Write(Write.Kind.UPDATE, NEWS, "k", Write.State.ACKNOWLEDGED, "news-u1")),
                ledger.book().writes());
        assertEquals(1, ledger.acknowledged());
    }

    @Test
    void countsAWriteOnceHoweverOftenItIsAcknowledged() {
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "a", "");
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "a", "");
        assertEquals(1, ledger.acknowledged());
        assertEquals(1, ledger.book().acknowledged());
    }

    @Test
    void keepsAnAcknowledgementWhenTheWriteIsOpenedAgain() {
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "a", "");
        ledger.open(Write.Kind.EXAMPLE, NEWS, "a");
        assertEquals(Write.State.ACKNOWLEDGED, ledger.book().writes().get(0).state());
    }

    @Test
    void tellsWritesOfOneKeyApartByKindAndDomain() {
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "a", "");
        ledger.open(Write.Kind.FEEDBACK, NEWS, "a");
        ledger.open(Write.Kind.EXAMPLE, new DomainId("law"), "a");
        assertEquals(3, ledger.book().writes().size());
        assertEquals(1, ledger.acknowledged());
    }

    @Test
    void countsByKindWhatIsAcknowledged() {
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "a", "");
        ledger.acknowledge(Write.Kind.EXAMPLE, NEWS, "b", "");
        ledger.acknowledge(Write.Kind.FEEDBACK, NEWS, "a", "");
        ledger.open(Write.Kind.UPDATE, NEWS, "k");
        assertEquals(
                Map.of(Write.Kind.EXAMPLE, 2L, Write.Kind.FEEDBACK, 1L),
                ledger.book().acknowledgedByKind());
    }
}
