package dev.perennial.entity;

import dev.perennial.protocols.DomainId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Has the rows of deleted examples removed, again and again until the store has done it. One removal is under way at a time;
 * a row that is asked for meanwhile, since it was sent again, is removed once more after it. Belongs to one entity and is used
 * on its thread only.
 */
final class RowRemoval {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final ActorContext<DomainMessage> context;
    private final DomainId domain;
    private final ExampleRemoval rows;
    private final Set<String> wanted = new TreeSet<>();
    private List<String> underWay = List.of();
    private int attempt;

    RowRemoval(ActorContext<DomainMessage> context, DomainId domain, ExampleRemoval rows) {
        this.context = context;
        this.domain = domain;
        this.rows = rows;
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
                    begin(underWay), (done, failure) -> new DomainMessage.RowsHandled(number, failure == null));
        }
    }

    private CompletionStage<?> begin(List<String> ids) {
        try {
            return rows.remove(domain, ids);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @return ids whose rows are gone for good */
    List<String> heard(DomainMessage.RowsHandled handled) {
        if (handled.attempt() != attempt) {
            return List.of();
        }
        List<String> ids = underWay;
        underWay = List.of();
        if (!handled.removed()) {
            wanted.addAll(ids);
            context.scheduleOnce(PAUSE, context.getSelf(), new DomainMessage.RowsLeft());
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
