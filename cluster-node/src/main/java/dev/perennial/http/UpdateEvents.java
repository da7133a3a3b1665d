package dev.perennial.http;

import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionId;
import dev.perennial.settings.HttpSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to an update, as server-sent events. The entity is looked at again and again, and its history tells every
 * state, also one that came and went between two looks. A state's event id is its place in the history, so that a client
 * that comes back with {@code Last-Event-ID} misses none; progress has no id, as there is no need to hear old progress.
 */
final class UpdateEvents {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateEvents.class);

    private final DomainGate domains;
    private final HttpSettings settings;
    private final Readiness readiness;

    UpdateEvents(DomainGate domains, HttpSettings settings, Readiness readiness) {
        this.domains = domains;
        this.settings = settings;
        this.readiness = readiness;
    }

    /** What the client has been told, by the header; 0 where it says nothing. */
    static int lastTold(Optional<String> header) {
        if (header.isEmpty() || header.get().isEmpty()) {
            return 0;
        }
        String text = header.get();
        if (text.length() > 9 || !text.chars().allMatch(each -> each >= '0' && each <= '9')) {
            throw new ProblemException(Problem.invalid(
                    "Last-Event-ID", "Last-Event-ID is the id of a state event; got '" + Problem.shorten(text) + "'"));
        }
        return Integer.parseInt(text);
    }

    /** Ends after the final state, or when the node stops. */
    Source<ByteString, NotUsed> from(UpdateView now, int told) {
        Source<UpdateView, NotUsed> later = Source.tick(settings.eventsInterval(), settings.eventsInterval(), now.id())
                .mapMaterializedValue(timer -> NotUsed.getInstance())
                .takeWhile(id -> !readiness.isStopping())
                .mapAsync(1, this::look)
                .mapConcat(found -> found.stream().toList());
        return Source.single(now)
                .concatLazy(later)
                .takeWhile(view -> !view.state().isFinal(), true)
                .statefulMap(
                        () -> new Told(told, Optional.empty()),
                        (before, view) -> Pair.create(before.and(view), before.news(view)),
                        last -> Optional.empty())
                .mapConcat(events -> events)
                .keepAlive(settings.heartbeatInterval(), () -> ServerSent.HEARTBEAT);
    }

    /** A look that fails is no reason to end: the next may succeed, and heartbeats tell the client that we are here. */
    private CompletionStage<Optional<UpdateView>> look(UpdateId id) {
        return domains.showUpdate(id).thenApply(Optional::of).exceptionallyCompose(failure -> {
            LOG.debug("Update {} could not be looked at", id, failure);
            return CompletableFuture.completedFuture(Optional.empty());
        });
    }

    /** @param steps how many steps of the history were told */
    private record Told(int steps, Optional<Progress> progress) {
        Told and(UpdateView view) {
            return new Told(Math.max(steps, view.history().size()), view.progress());
        }

        List<ByteString> news(UpdateView view) {
            List<ByteString> events = new ArrayList<>();
            int latest = view.history().size();
            for (int step = steps + 1; step <= latest; step++) {
                events.add(ServerSent.event("state", Optional.of(step), StateEvent.of(view, step, step == latest)));
            }
            if (!view.state().isFinal()
                    && view.progress().isPresent()
                    && !view.progress().equals(progress)) {
                events.add(ServerSent.event(
                        "progress", Optional.empty(), view.progress().get()));
            }
            return events;
        }
    }

    /** @param version and reason: of the latest state only */
    record StateEvent(
            UpdateId id, UpdateState state, Instant at, Optional<VersionId> version, Optional<String> reason) {
        static StateEvent of(UpdateView view, int step, boolean latest) {
            UpdateView.Step entered = view.history().get(step - 1);
            return new StateEvent(
                    view.id(),
                    entered.state(),
                    entered.at(),
                    latest ? view.version() : Optional.empty(),
                    latest ? view.reason() : Optional.empty());
        }
    }
}
