package dev.perennial.simulations.schedule;

import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who works on what. The engine tells all that happens, and asks for each idle GPU what it should do. */
interface Policy {
    String name();

    /**
     * A new request, or another form of one that waits or runs.
     *
     * @param gpuSeconds that it will take, but for chance
     */
    void request(UpdateRequest request, double gpuSeconds, Instant now);

    /** What an idle GPU begins. No two updates of a domain or a conflict group may run at once. */
    Optional<UpdateId> next(String gpu, Instant now);

    void finished(UpdateId update, String gpu, Instant now);

    /** @return whether the update is given up; if not it waits again */
    boolean failed(UpdateId update, String gpu, Instant now);

    /** Running updates that are to stop at their next checkpoint. No GPU is idle. */
    default List<UpdateId> preempt(Instant now) {
        return List.of();
    }

    /** An update stopped as it was asked to, and waits again. */
    default void yielded(UpdateId update, String gpu, Instant now) {
        throw new AssertionError(name() + " asked nothing to stop: " + update);
    }
}
