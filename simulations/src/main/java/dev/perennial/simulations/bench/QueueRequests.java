package dev.perennial.simulations.bench;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Requests to fill a queue with, one a millisecond, each of another domain. */
final class QueueRequests {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int TENANTS = 20;
    private static final int WITH_DEADLINE_OF_TEN = 1;

    private final SplittableRandom random;
    private int drawn;

    QueueRequests(long seed) {
        random = new SplittableRandom(seed);
    }

    UpdateRequest next() {
        int number = drawn++;
        Instant now = START.plusMillis(number);
        UpdateSignals signals = new UpdateSignals(
                random.nextDouble() * 100,
                random.nextDouble() * 100,
                random.nextDouble() * 1e5,
                Optional.of(random.nextDouble()),
                Optional.of(now.minusSeconds(random.nextInt(100_000))),
                random.nextDouble(),
                random.nextInt(400),
                random.nextInt(1_000_000),
                Optional.of("base"));
        return new UpdateRequest(
                new UpdateId(new DomainId("domain-" + number), 1),
                List.of(UpdateKind.values()).get(random.nextInt(UpdateKind.values().length)),
                random.nextDouble(),
                random.nextInt(10) < WITH_DEADLINE_OF_TEN
                        ? Optional.of(now.plusSeconds(random.nextInt(1_000_000)))
                        : Optional.empty(),
                Optional.empty(),
                random.nextInt(10_000),
                now,
                "tenant-" + random.nextInt(TENANTS),
                List.of(),
                signals);
    }
}
