package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import dev.perennial.intake.FeedbackIntake;
import dev.perennial.settings.HttpSettings;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** Feedback on served completions: one as JSON, or many as lines. */
final class FeedbackRoutes extends AllDirectives {
    private final FeedbackIntake feedback;
    private final Bodies bodies;
    private final HttpSettings settings;

    FeedbackRoutes(FeedbackIntake feedback, Bodies bodies, HttpSettings settings) {
        this.feedback = feedback;
        this.bodies = bodies;
        this.settings = settings;
    }

    Route routes() {
        return path(
                segment("v1").slash("feedback"),
                () -> post(() -> bodies.linesOrJson(
                        lines -> feedback.takeLines(lines, settings.maxLine()).thenApply(Answers::ok),
                        json -> feedback.take(json).thenApply(receipt -> Answers.json(201, receipt)))));
    }
}
