package dev.perennial.http;

import dev.perennial.protocols.Problem;
import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/** Answers what is not even HTTP in the shape of all other errors. Named in http.conf. */
public final class ParsingErrors extends ParsingErrorHandler {
    /** Pekko looks a handler up as a Scala object, which is a class with this field. */
    @SuppressWarnings("MemberName")
    public static final ParsingErrors MODULE$ = new ParsingErrors();

    private ParsingErrors() {}

    @Override
    public HttpResponse handle(StatusCode status, ErrorInfo info, LoggingAdapter log, ServerSettings settings) {
        Problem problem = new Problem(Problem.Kind.INVALID, info.summary(), null, "malformed_request");
        return Answers.json(status.intValue(), Errors.body(problem));
    }
}
