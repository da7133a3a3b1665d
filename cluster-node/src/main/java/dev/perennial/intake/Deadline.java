package dev.perennial.intake;

import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;

/** Bounds the wait for somebody else, and says who it was that did not answer. */
public final class Deadline {
    private Deadline() {}

    public static <T> CompletionStage<T> within(Duration longest, String who, CompletionStage<T> answer) {
        return answer.toCompletableFuture()
                .copy()
                .orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        cause(failure) instanceof TimeoutException
                                ? new ProblemException(
                                        Problem.unavailable(who + " did not answer within " + shown(longest)))
                                : cause(failure)));
    }

    /** @return completes when the stage ends, however it does, or after the longest wait; it never fails */
    public static CompletionStage<Done> ended(Duration longest, CompletionStage<?> stage) {
        return stage.handle((answer, failure) -> Done.getInstance())
                .toCompletableFuture()
                .completeOnTimeout(Done.getInstance(), longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What a stage failed with, without what stages wrap around it. */
    public static Throwable cause(Throwable failure) {
        Throwable inner = failure;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner;
    }

    /** As {@code 10 s} or {@code 250 ms}. */
    public static String shown(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
