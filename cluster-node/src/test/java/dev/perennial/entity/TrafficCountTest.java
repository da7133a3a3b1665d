package dev.perennial.entity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrafficCountTest {
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

    private final TrafficCount traffic = new TrafficCount(NOW);

    @Test
    void countsCompletionsAndNotWhatIsOnlyLookedAtOrRepeated() {
        traffic.asked(new DomainCommand.ShowDomain());
        traffic.asked(new DomainCommand.ResolveVersion(Optional.of(1), true));
        assertEquals(Optional.empty(), traffic.take(NOW));
        traffic.asked(new DomainCommand.ResolveVersion(Optional.of(1), false));
        traffic.asked(new DomainCommand.ResolveVersion(Optional.empty(), true));
        traffic.asked(new DomainCommand.ResolveVersion(Optional.empty(), false));
        assertEquals(Optional.of(new DomainEvent.CompletionsCounted(2, NOW)), traffic.take(NOW));
        assertEquals(Optional.empty(), traffic.take(NOW));
    }
}
