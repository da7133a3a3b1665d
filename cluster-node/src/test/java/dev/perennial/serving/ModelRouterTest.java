package dev.perennial.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import dev.perennial.serving.ModelRouter.Route;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class ModelRouterTest {
    private static final DomainId NEWS = new DomainId("news");
    private static final long STALEST = ModelRouter.STALEST.toNanos();

    /** Near where the monotonic clock turns over. */
    private long nanos = Long.MAX_VALUE - STALEST / 2;

    private final Queue<CompletableFuture<DomainReply>> asked = new ArrayDeque<>();
    private final ModelRouter router = new ModelRouter(
            (domain, command) -> {
                CompletableFuture<DomainReply> reply = new CompletableFuture<>();
                asked.add(reply);
                return reply;
            },
            () -> nanos);

    @Test
    void servesWhatWasHeardOfADomainThatIsSilentForAWhile() {
        CompletionStage<Route> heard = router.route("news");
        asked.remove().complete(live(4));
        nanos += STALEST;
        assertEquals(result(heard), silent("news"));
        nanos++;
        assertUnavailable("news");
        CompletionStage<Route> again = router.route("news");
        asked.remove().complete(live(5));
        assertEquals(Optional.of(new VersionId(NEWS, 5)), result(again).version());
        assertEquals(result(again), silent("news"));
    }

    @Test
    void knowsNothingOfAVersionThatWasNamedNorOfADomainThatNeverAnswered() {
        assertUnavailable("news");
        CompletionStage<Route> pinned = router.route("news@3");
        asked.remove().complete(live(3));
        assertEquals(Optional.of(new VersionId(NEWS, 3)), result(pinned).version());
        assertUnavailable("news");
        assertUnavailable("news@3");
    }

    @Test
    void aReplyThatIsLateSaysNothingOfWhatIsLive() {
        CompletionStage<Route> early = router.route("news");
        nanos++;
        CompletionStage<Route> later = router.route("news");
        CompletableFuture<DomainReply> late = asked.remove();
        asked.remove().complete(live(5));
        late.complete(live(4));
        assertEquals(Optional.of(new VersionId(NEWS, 4)), result(early).version());
        assertEquals(result(later), silent("news"));
    }

    private static DomainReply live(int number) {
        return new DomainReply.Resolved(new VersionId(NEWS, number), Optional.of("artifact-" + number));
    }

    private Route silent(String model) {
        CompletionStage<Route> route = router.route(model);
        asked.remove().completeExceptionally(new TimeoutException());
        return result(route);
    }

    private void assertUnavailable(String model) {
        CompletionException failure = assertThrows(CompletionException.class, () -> silent(model));
        ProblemException problem = assertInstanceOf(ProblemException.class, failure.getCause());
        assertEquals(Problem.Kind.UNAVAILABLE, problem.problem().kind());
    }

    private static Route result(CompletionStage<Route> route) {
        return route.toCompletableFuture().join();
    }
}
