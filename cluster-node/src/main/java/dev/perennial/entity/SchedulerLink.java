package dev.perennial.entity;

import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Tells the scheduler of updates that open and close, each until it is acknowledged. A later notice of an update takes the
 * place of an earlier one, and messages from one actor to another keep their order, so that a withdrawn request never comes
 * back. Belongs to one entity and is used on its thread only.
 */
final class SchedulerLink {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ActorContext<DomainMessage> context;
    private final ActorRef<SchedulerCommand> scheduler;
    private final Map<UpdateId, Notice> unacknowledged = new LinkedHashMap<>();

    /**
     * @param request empty where the update has become final
     * @param reason why it has
     * @param trained whether by its candidate
     */
    record Notice(UpdateId update, Optional<UpdateRequest> request, String reason, boolean trained) {}

    SchedulerLink(ActorContext<DomainMessage> context, ActorRef<SchedulerCommand> scheduler) {
        this.context = context;
        this.scheduler = scheduler;
    }

    void opened(UpdateRequest request) {
        tell(new Notice(request.id(), Optional.of(request), "", false));
    }

    /** @param trained whether it has become final by its candidate, just now */
    void closed(UpdateId update, String reason, boolean trained) {
        tell(new Notice(update, Optional.empty(), reason, trained));
    }

    /** Tells all of it again: what was on its way before a restart may be lost. */
    void restart(List<UpdateRequest> open, List<UpdateId> closed) {
        unacknowledged.clear();
        closed.forEach(update -> closed(update, "it became final", false));
        open.forEach(this::opened);
    }

    void heard(DomainMessage.SchedulerHeard heard) {
        Notice notice = heard.notice();
        if (notice.equals(unacknowledged.get(notice.update()))) {
            if (heard.acknowledged()) {
                unacknowledged.remove(notice.update());
            } else {
                tell(notice);
            }
        }
    }

    boolean isIdle() {
        return unacknowledged.isEmpty();
    }

    private void tell(Notice notice) {
        unacknowledged.put(notice.update(), notice);
        context.<SchedulerCommand, SchedulerCommand.Acknowledged>ask(
                SchedulerCommand.Acknowledged.class,
                scheduler,
                PATIENCE,
                replyTo -> command(notice, replyTo),
                (reply, failure) -> new DomainMessage.SchedulerHeard(notice, reply != null));
    }

    private static SchedulerCommand command(Notice notice, ActorRef<SchedulerCommand.Acknowledged> replyTo) {
        return notice.request()
                .<SchedulerCommand>map(request -> new SchedulerCommand.Enqueue(request, replyTo))
                .orElseGet(() ->
                        new SchedulerCommand.Withdraw(notice.update(), notice.reason(), notice.trained(), replyTo));
    }
}
