package dev.perennial.entity;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Has things removed from a store, again and again until the store has done it. One removal is under way at a time; what is
 * asked for meanwhile, since it was stored again, is removed once more after it. Belongs to one entity and is used on its
 * thread only.
 */
final class Removal {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final ActorContext<DomainMessage> context;
    private final DomainMessage.Stored what;
    private final Function<List<String>, CompletionStage<?>> store;
    private final Set<String> wanted = new TreeSet<>();
    private List<String> underWay = List.of();
    private int attempt;

    /** @param store completes when none of these ids is in it; may be asked for the same again */
    Removal(
            ActorContext<DomainMessage> context,
            DomainMessage.Stored what,
            Function<List<String>, CompletionStage<?>> store) {
        this.context = context;
        this.what = what;
        this.store = store;
    }

    void remove(Collection<String> ids) {
        wanted.addAll(ids);
        proceed();
    }

    /** What was under way before a restart may not have been done. */
    void restart(Collection<String> ids) {
        underWay = List.of();
        attempt++;
        wanted.clear();
        remove(ids);
    }

    void proceed() {
        if (underWay.isEmpty() && !wanted.isEmpty()) {
            underWay = List.copyOf(wanted);
            wanted.clear();
            int number = ++attempt;
            context.pipeToSelf(
                    begin(underWay),
                    (done, failure) -> new DomainMessage.RemovalHandled(what, number, failure == null));
        }
    }

    private CompletionStage<?> begin(List<String> ids) {
        try {
            return store.apply(ids);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @return ids that are gone for good */
    List<String> heard(DomainMessage.RemovalHandled handled) {
        if (handled.attempt() != attempt) {
            return List.of();
        }
        List<String> ids = underWay;
        underWay = List.of();
        if (!handled.removed()) {
            wanted.addAll(ids);
            context.scheduleOnce(PAUSE, context.getSelf(), new DomainMessage.RemovalLeft(what));
            return List.of();
        }
        List<String> gone = ids.stream().filter(id -> !wanted.contains(id)).toList();
        proceed();
        return gone;
    }

    boolean isIdle() {
        return underWay.isEmpty() && wanted.isEmpty();
    }
}
