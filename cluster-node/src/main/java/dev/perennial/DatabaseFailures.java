package dev.perennial;

import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import dev.perennial.intake.Deadline;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database that is away is a problem that clients can be told about; a statement that it refuses is a bug of ours. */
final class DatabaseFailures {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseFailures.class);

    private DatabaseFailures() {}

    /** @return the same, but failing with a {@link ProblemException} of kind unavailable where the database did not answer */
    static <T> CompletionStage<T> told(CompletionStage<T> answer) {
        return answer.exceptionallyCompose(failure -> CompletableFuture.failedFuture(translated(failure)));
    }

    private static Throwable translated(Throwable failure) {
        Throwable cause = Deadline.cause(failure);
        if (cause instanceof DriverException && !(cause instanceof QueryValidationException)) {
            LOG.warn("The database did not answer: {}", cause.getMessage());
            return new ProblemException(Problem.unavailable("the database does not answer at present; try again"));
        }
        return cause;
    }
}
