package dev.perennial.entity;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.TestConfig;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DryRunTest {
    private final ActorTestKit kit = ActorTestKit.create(TestConfig.create());
    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    /** As a rule that refused one of its commands would end it. */
    @Test
    void comesToItsEndAndWritesNothing() {
        assertDoesNotThrow(() -> DryRun.of(kit.system()));
        assertEquals(List.of(), journal.persistedInStorage("domain|dry-run"));
    }
}
