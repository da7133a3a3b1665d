package dev.perennial.entity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.TestConfig;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import java.time.Instant;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private static final DomainId NEWS = new DomainId("news");
    private static final DomainId SPORT = new DomainId("sport");

    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final TestProbe<Done> over = kit.createTestProbe(Done.class);

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void readsDomainsAndWritesNothing() {
        DomainEvent created = new DomainEvent.DomainCreated(NEWS, "What is new", DomainPolicy.DEFAULT, Instant.EPOCH);
        journal.persistForRecovery("domain|news", List.of(created));
        rehearse(NEWS, SPORT);
        over.expectMessage(Done.getInstance());
        assertEquals(List.of(created), journal.persistedInStorage("domain|news"));
        assertEquals(List.of(), journal.persistedInStorage("domain|sport"));
    }

    @Test
    void isOverWhereADomainCannotBeRead() {
        journal.failNextRead("domain|news");
        LoggingTestKit.error("Exception during recovery").expect(kit.system(), () -> {
            rehearse(NEWS, SPORT);
            return Done.getInstance();
        });
        over.expectMessage(Done.getInstance());
    }

    @Test
    void isOverAtOnceWhereThereAreNone() {
        rehearse();
        over.expectMessage(Done.getInstance());
    }

    private void rehearse(DomainId... domains) {
        kit.spawn(Rehearsal.of(List.of(domains), () -> over.ref().tell(Done.getInstance())));
    }
}
