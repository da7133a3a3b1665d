package dev.perennial.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import dev.perennial.settings.IntakeSettings;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Feedback on served completions: {@code {completion_id, rating, correction?, comment?}}. It belongs to the domain and
 * version that the completion was served by, and {@link FeedbackExamples} says what examples it becomes.
 */
public final class FeedbackIntake {
    private static final List<String> FIELDS = List.of("completion_id", "rating", "correction", "comment");
    private static final int LONGEST_ID = 200;
    private static final int LONGEST_COMMENT = 10_000;

    private final CompletionLookup completions;
    private final FeedbackRows rows;
    private final ExampleIntake examples;
    private final IntakeSettings settings;
    private final Clock clock;
    private final ActorSystem<?> system;

    public FeedbackIntake(
            CompletionLookup completions,
            FeedbackRows rows,
            ExampleIntake examples,
            IntakeSettings settings,
            Clock clock,
            ActorSystem<?> system) {
        this.completions = completions;
        this.rows = rows;
        this.examples = examples;
        this.settings = settings;
        this.clock = clock;
        this.system = system;
    }

    /** @return fails with a {@link ProblemException} saying what is wrong with it */
    public CompletionStage<FeedbackReceipt> take(JsonNode body) {
        return take(read(body));
    }

    /** Line by line; a bad one does not sink the others. Those whose correction was known count as duplicates. */
    public CompletionStage<IntakeReport> takeLines(Source<ByteString, ?> body, int longestLine) {
        return body.statefulMap(
                        () -> new LineSplitter(longestLine),
                        (splitter, chunk) -> Pair.create(splitter, splitter.feed(chunk)),
                        splitter -> Optional.of(splitter.end()))
                .mapConcat(lines -> lines)
                .filterNot(Line::isBlank)
                .map(line -> LineOutcome.read(line, longestLine, FeedbackIntake::read))
                .mapAsync(1, this::takeLine)
                .runFold(IntakeReport.NONE, (report, line) -> report.plus(line, settings.reportedErrors()), system);
    }

    private CompletionStage<IntakeReport> takeLine(LineOutcome<Feedback> line) {
        if (line instanceof LineOutcome.Bad<Feedback> bad) {
            return CompletableFuture.completedFuture(rejected(bad.error()));
        }
        if (line instanceof LineOutcome.Good<Feedback> good) {
            return take(good.value())
                    .thenApply(receipt ->
                            new IntakeReport(receipt.duplicate() ? 0 : 1, receipt.duplicate() ? 1 : 0, 0, List.of()))
                    .exceptionallyCompose(failure -> Deadline.cause(failure) instanceof ProblemException problem
                                    && LineOutcome.isOfLine(problem.problem())
                            ? CompletableFuture.completedFuture(rejected(new IntakeReport.LineError(
                                    good.line(), problem.problem().message())))
                            : CompletableFuture.failedFuture(Deadline.cause(failure)));
        }
        throw new AssertionError(line);
    }

    private static IntakeReport rejected(IntakeReport.LineError error) {
        return new IntakeReport(0, 0, 1, List.of(error));
    }

    private CompletionStage<FeedbackReceipt> take(Feedback feedback) {
        return within("the completion store", completions.find(feedback.completionId()))
                .thenCompose(found -> {
                    ServedCompletion served = found.orElseThrow(() -> new ProblemException(Problem.notFound(
                            "completion_id",
                            "no completion '" + Problem.shorten(feedback.completionId())
                                    + "' was served, or it is no longer" + " kept")));
                    VersionId version = served.version()
                            .orElseThrow(() -> new ProblemException(Problem.invalid(
                                    "completion_id",
                                    "that completion was served by the bare base model, which belongs to no domain and so"
                                            + " learns nothing; ask a domain, as in \"model\": \"news\"")));
                    return record(feedback, served, version);
                });
    }

    private CompletionStage<FeedbackReceipt> record(Feedback feedback, ServedCompletion served, VersionId version) {
        FeedbackExamples made = FeedbackExamples.of(served, feedback.rating(), feedback.correction());
        FeedbackRows.Row row = new FeedbackRows.Row(
                feedback.id(),
                feedback.completionId(),
                version,
                feedback.rating(),
                feedback.correction(),
                feedback.comment(),
                made.main().map(each -> each.ref().id()),
                clock.instant());
        return learned(version, made.main())
                .thenApply(FeedbackIntake::taken)
                .thenCompose(main -> learned(version, made.preference())
                        .thenCompose(beside -> within("the feedback store", rows.put(row)))
                        .thenApply(done -> new FeedbackReceipt(
                                feedback.id(),
                                version.domain(),
                                version,
                                row.exampleId(),
                                made.preference().map(each -> each.ref().id()),
                                main.duplicates() > 0)));
    }

    private CompletionStage<IntakeReport> learned(VersionId version, Optional<ParsedExample> example) {
        return example.map(each -> examples.takeOne(version.domain(), each))
                .orElseGet(() -> CompletableFuture.completedFuture(IntakeReport.NONE));
    }

    /** A whole example is refused for one reason alone. */
    private static IntakeReport taken(IntakeReport report) {
        if (report.rejected() > 0) {
            throw new ProblemException(Problem.conflict(
                    "completion_id",
                    "the example of this feedback was deleted from the domain and is not taken again"));
        }
        return report;
    }

    private <T> CompletionStage<T> within(String who, CompletionStage<T> answer) {
        return Deadline.within(settings.storeTimeout(), who, answer);
    }

    private static Feedback read(JsonNode body) {
        JsonFields fields = JsonFields.of(body, "", FIELDS);
        return new Feedback(
                fields.text("completion_id", LONGEST_ID),
                fields.oneOf("rating", List.of("up", "down")),
                fields.optionalText("correction", ExampleParser.LONGEST_TEXT),
                fields.optionalText("comment", LONGEST_COMMENT));
    }

    private record Feedback(String completionId, String rating, Optional<String> correction, Optional<String> comment) {
        String id() {
            String content = String.join("\u0000", completionId, rating, correction.orElse(""), comment.orElse(""));
            return "feedback-" + UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8));
        }
    }
}
