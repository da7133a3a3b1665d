package dev.perennial.trainer;

import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Asks again what failed only since a database or a node is away: an outage is no fault of an update and must not cost it an
 * attempt. All that is asked so is idempotent.
 *
 * @param pause between two tries
 * @param tries at most, at least 1
 * @param over whether nobody wants the answer any more
 * @param each runs before each try
 */
record Patience(Duration pause, int tries, BooleanSupplier over, Runnable each) {
    /** What was asked for is away still, after all tries. */
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exhausted(Throwable last) {
            super("gave up waiting for what is away: " + last.getMessage(), last);
        }
    }

    /** @return the first answer, or the first failure that is none of being away */
    <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        return ask(question, tries);
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question, int left) {
        each.run();
        return question.get().thenApply(Patience::heard).exceptionallyCompose(failure -> {
            Throwable cause = cause(failure);
            if (!isAway(cause) || over.getAsBoolean()) {
                return CompletableFuture.failedFuture(cause);
            }
            if (left <= 1) {
                return CompletableFuture.failedFuture(new Exhausted(cause));
            }
            Executor later = CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS);
            return CompletableFuture.supplyAsync(() -> left - 1, later).thenCompose(next -> ask(question, next));
        });
    }

    private static <T> T heard(T answer) {
        if (answer instanceof DomainReply.Refused refused && refused.problem().kind() == Problem.Kind.UNAVAILABLE) {
            throw new ProblemException(refused.problem());
        }
        return answer;
    }

    private static boolean isAway(Throwable cause) {
        if (cause instanceof ProblemException problem) {
            return problem.problem().kind() == Problem.Kind.UNAVAILABLE;
        }
        return cause instanceof TimeoutException;
    }

    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
