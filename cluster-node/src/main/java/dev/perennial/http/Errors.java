package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.intake.Deadline;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.stream.AbruptTerminationException;
import org.apache.pekko.stream.WatchedActorTerminatedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong, in the one shape {@code {"error":{"message","type","param","code"}}}. */
final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    private Errors() {}

    static HttpResponse answer(Problem problem) {
        return Answers.json(problem.kind().status, body(problem));
    }

    static ObjectNode body(Problem problem) {
        ObjectNode body = Answers.MAPPER.createObjectNode();
        body.putObject("error")
                .put("message", problem.message())
                .put("type", problem.kind().type)
                .put("param", problem.param())
                .put("code", problem.code());
        return body;
    }

    /** A failure that the caller can be told about is told; anything else is a bug, logged under an id and not shown. */
    static Problem problem(Throwable failure) {
        Throwable cause = Deadline.cause(failure);
        if (cause instanceof ProblemException known) {
            return known.problem();
        }
        if (cause instanceof EntityStreamException) {
            return new Problem(Problem.Kind.INVALID, "the body broke off before its end", null, "incomplete_body");
        }
        if (cause instanceof TimeoutException) {
            return Problem.unavailable("an answer did not come in time; try again");
        }
        if (cause instanceof WatchedActorTerminatedException || cause instanceof AbruptTerminationException) {
            return Problem.unavailable("the part of this node that answers has stopped; try again");
        }
        String id = UUID.randomUUID().toString();
        LOG.error("Internal error {}", id, cause);
        return Problem.internal("an internal error, which is in the log as " + id);
    }

    /** For streams, whose failures are exceptions. */
    static ProblemException exception(Throwable failure) {
        return new ProblemException(problem(failure));
    }
}
