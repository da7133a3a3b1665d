package dev.perennial.serving;

import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Which weights answer for the model that a request names. The domain is asked every time, so that a rollback holds from the
 * next request on; while a domain cannot answer, what it said last is used for a while: longer, and another node may have
 * heard of a rollback of which this one did not. Thread-safe.
 */
final class ModelRouter {
    /** How long before a question the version was live, at most, that answers it while the domain does not. */
    static final Duration STALEST = Duration.ofSeconds(10);

    private static final String BASE = "base";

    private final DomainAsk domains;
    private final LongSupplier nanos;
    private final Map<DomainId, Heard> lastLive = new ConcurrentHashMap<>();

    /**
     * @param version empty where the base was asked for by its own name
     * @param artifact empty for the bare base
     */
    record Route(Optional<VersionId> version, Optional<String> artifact) {}

    /** @param asked when the domain was, in nanoseconds of the monotonic clock; the route was live then or later */
    private record Heard(Route route, long asked) {}

    /** @param nanos the monotonic clock */
    ModelRouter(DomainAsk domains, LongSupplier nanos) {
        this.domains = domains;
        this.nanos = nanos;
    }

    CompletionStage<Route> route(String model) {
        if (model.equals(BASE)) {
            return CompletableFuture.completedFuture(new Route(Optional.empty(), Optional.empty()));
        }
        Optional<VersionId> pinned = model.contains("@") ? Optional.of(VersionId.parse(model)) : Optional.empty();
        DomainId domain = pinned.map(VersionId::domain).orElseGet(() -> domainNamed(model));
        long asked = nanos.getAsLong();
        return domains.ask(domain, new DomainCommand.ResolveVersion(pinned.map(VersionId::number), false))
                .handle((reply, failure) -> {
                    if (failure == null) {
                        return remember(domain, pinned, reply, asked);
                    }
                    Heard last = lastLive.get(domain);
                    if (pinned.isEmpty() && last != null && asked - last.asked() <= STALEST.toNanos()) {
                        return last.route();
                    }
                    throw new ProblemException(
                            Problem.unavailable("domain " + domain + " does not answer at present; try again"));
                });
    }

    private static DomainId domainNamed(String model) {
        try {
            return new DomainId(model);
        } catch (ProblemException malformed) {
            throw new ProblemException(Problem.notFound(
                    "model", "no model '" + Problem.shorten(model) + "'; a model is base, DOMAIN or DOMAIN@N"));
        }
    }

    private Route remember(DomainId domain, Optional<VersionId> pinned, DomainReply reply, long asked) {
        if (reply instanceof DomainReply.Resolved resolved) {
            Route route = new Route(Optional.of(resolved.version()), resolved.artifact());
            if (pinned.isEmpty()) {
                lastLive.merge(
                        domain, new Heard(route, asked), (one, other) -> one.asked() - other.asked() > 0 ? one : other);
            }
            return route;
        }
        if (reply instanceof DomainReply.Refused refused) {
            throw new ProblemException(refused.problem());
        }
        throw new AssertionError(reply);
    }
}
