package dev.perennial.http;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** Whether this node wants requests: starting, then ready, then stopping, and never back; and whether it lives. Thread-safe. */
public final class Readiness {
    private enum State {
        STARTING,
        READY,
        STOPPING
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.STARTING);
    private volatile BooleanSupplier fence = () -> false;
    private volatile BooleanSupplier trains = () -> true;

    public void started() {
        state.compareAndSet(State.STARTING, State.READY);
    }

    public void stopping() {
        state.set(State.STOPPING);
    }

    /** @param closed whether others may have taken this node's place, so that it must not say of anything that it is done */
    public void fencedBy(BooleanSupplier closed) {
        fence = closed;
    }

    /** @param usable whether the node's trainer can begin updates; where it cannot, only a new process helps for sure */
    public void trainsWhile(BooleanSupplier usable) {
        trains = usable;
    }

    /** Why the process should be started again; empty where it lives. */
    Optional<String> reasonToRestart() {
        return trains.getAsBoolean()
                ? Optional.empty()
                : Optional.of("too many updates hang in native calls: this process can train no more until it is"
                        + " started again");
    }

    boolean isFenced() {
        return fence.getAsBoolean();
    }

    boolean isStarting() {
        return state.get() == State.STARTING;
    }

    boolean isStopping() {
        return state.get() == State.STOPPING;
    }

    /** Why not; empty where the node is ready. */
    Optional<String> reasonAgainst() {
        State now = state.get();
        return now == State.READY
                ? Optional.empty()
                : Optional.of(now == State.STOPPING ? "the node is stopping" : "the node is starting");
    }
}
