package dev.perennial.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.settings.IntakeSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Examples from an upload into the store and the domain's journal: rows first, then the entity, and nothing is counted as
 * accepted before both are durable. An upload that fails midway can be sent again as a whole, because ids are made from
 * content. Batch by batch, in order; the next batch is read and stored while the last one is journaled.
 */
public final class ExampleIntake {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleIntake.class);

    private static final String DELETED = "this example was deleted from the domain and is not taken again";

    private final ExampleRows rows;
    private final DomainAsk domains;
    private final IntakeSettings settings;
    private final Duration askTimeout;
    private final Clock clock;
    private final ActorSystem<?> system;

    public ExampleIntake(
            ExampleRows rows,
            DomainAsk domains,
            IntakeSettings settings,
            Duration askTimeout,
            Clock clock,
            ActorSystem<?> system) {
        this.rows = rows;
        this.domains = domains;
        this.settings = settings;
        this.askTimeout = askTimeout;
        this.clock = clock;
        this.system = system;
    }

    /**
     * @param body one JSON object a line
     * @param longestLine in bytes
     * @return fails with a {@link ProblemException} where the domain does not exist, or the body, the store or the domain failed
     */
    public CompletionStage<IntakeReport> takeLines(DomainId domain, Source<ByteString, ?> body, int longestLine) {
        return take(
                domain,
                body.statefulMap(
                                () -> new LineSplitter(longestLine),
                                (splitter, chunk) -> Pair.create(splitter, splitter.feed(chunk)),
                                splitter -> Optional.of(splitter.end()))
                        .mapConcat(lines -> lines)
                        .filterNot(Line::isBlank)
                        .map(line -> LineOutcome.read(line, longestLine, ExampleParser::parse)));
    }

    /** @param elements of a JSON body, numbered from 1 in the report */
    public CompletionStage<IntakeReport> takeAll(DomainId domain, List<JsonNode> elements) {
        return take(
                domain,
                Source.from(elements)
                        .zipWithIndex()
                        .map(pair -> LineOutcome.read(pair.second() + 1, pair.first(), ExampleParser::parse)));
    }

    /** One example that is complete already. */
    CompletionStage<IntakeReport> takeOne(DomainId domain, ParsedExample example) {
        return take(domain, Source.single(new LineOutcome.Good<>(1, example, 0)));
    }

    private CompletionStage<IntakeReport> take(DomainId domain, Source<? extends LineOutcome<ParsedExample>, ?> lines) {
        AtomicReference<IntakeReport> soFar = new AtomicReference<>(IntakeReport.NONE);
        return exists(domain)
                .thenCompose(exists -> lines.map(line -> (LineOutcome<ParsedExample>) line)
                        .groupedWeightedWithin(
                                settings.batchBytes(),
                                settings.batchExamples(),
                                ExampleIntake::weight,
                                settings.batchDelay())
                        .mapAsync(1, batch -> store(domain, Batch.of(batch)))
                        .mapAsync(1, batch -> accept(domain, batch))
                        .map(report -> soFar.updateAndGet(before -> before.plus(report, settings.reportedErrors())))
                        .runWith(Sink.ignore(), system)
                        .thenApply(done -> soFar.get())
                        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                                told(Deadline.cause(failure), Objects.requireNonNull(soFar.get())))));
    }

    private static long weight(LineOutcome<ParsedExample> line) {
        return line instanceof LineOutcome.Good<ParsedExample> good ? good.bytes() : 0L;
    }

    private CompletionStage<DomainReply> exists(DomainId domain) {
        return ask(domain, new DomainCommand.ShowDomain());
    }

    private CompletionStage<Batch> store(DomainId domain, Batch batch) {
        if (batch.examples().isEmpty()) {
            return CompletableFuture.completedFuture(batch);
        }
        List<ExampleRows.Row> stored = batch.examples().stream()
                .map(each -> new ExampleRows.Row(each.ref().id(), each.json(), each.source(), clock.instant()))
                .toList();
        return Deadline.within(settings.storeTimeout(), "the example store", rows.put(domain, stored))
                .<Batch>thenApply(done -> batch)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(storeFailed(Deadline.cause(failure))));
    }

    private static Throwable storeFailed(Throwable failure) {
        if (failure instanceof ProblemException) {
            return failure;
        }
        LOG.warn("The example store failed", failure);
        return new ProblemException(Problem.unavailable("the example store failed; try again"));
    }

    private CompletionStage<IntakeReport> accept(DomainId domain, Batch batch) {
        IntakeReport refused = new IntakeReport(0, batch.repeated(), batch.rejected(), batch.errors());
        if (batch.examples().isEmpty()) {
            return CompletableFuture.completedFuture(refused);
        }
        var refs = batch.examples().stream().map(ParsedExample::ref).toList();
        return ask(domain, new DomainCommand.AcceptExamples(refs)).thenApply(reply -> {
            if (reply instanceof DomainReply.ExamplesCounted counted) {
                return new IntakeReport(
                        counted.accepted(),
                        counted.duplicates() + batch.repeated(),
                        batch.rejected() + counted.deleted().size(),
                        batch.errors(counted.deleted()));
            }
            throw new AssertionError(reply);
        });
    }

    private CompletionStage<DomainReply> ask(DomainId domain, DomainCommand command) {
        return Deadline.within(askTimeout, "domain " + domain, domains.ask(domain, command))
                .thenApply(reply -> {
                    if (reply instanceof DomainReply.Refused refused) {
                        throw new ProblemException(refused.problem());
                    }
                    return reply;
                });
    }

    /** The failure with what was done before it, where something was. */
    private static Throwable told(Throwable failure, IntakeReport before) {
        if (before.lines() > 0 && failure instanceof ProblemException problem) {
            Problem why = problem.problem();
            String message = why.message() + "; of the lines before, " + before.accepted() + " were accepted, "
                    + before.duplicates() + " were duplicates and " + before.rejected()
                    + " were rejected. It is safe to send all of them again";
            return new ProblemException(new Problem(why.kind(), message, why.param(), why.code()));
        }
        return failure;
    }

    /**
     * @param examples without repetitions, so that the entity sees every id once
     * @param lines of the examples, by id
     * @param repeated how many were left out for that
     */
    private record Batch(
            List<ParsedExample> examples,
            Map<String, Long> lines,
            long repeated,
            long rejected,
            List<IntakeReport.LineError> errors) {
        static Batch of(List<LineOutcome<ParsedExample>> lines) {
            Map<String, ParsedExample> examples = new LinkedHashMap<>();
            Map<String, Long> numbers = new HashMap<>();
            List<IntakeReport.LineError> errors = new ArrayList<>();
            for (LineOutcome<ParsedExample> line : lines) {
                if (line instanceof LineOutcome.Good<ParsedExample> good) {
                    examples.putIfAbsent(good.value().ref().id(), good.value());
                    numbers.putIfAbsent(good.value().ref().id(), good.line());
                } else if (line instanceof LineOutcome.Bad<ParsedExample> bad) {
                    errors.add(bad.error());
                } else {
                    throw new AssertionError(line);
                }
            }
            long repeated = (long) lines.size() - errors.size() - examples.size();
            return new Batch(List.copyOf(examples.values()), numbers, repeated, errors.size(), errors);
        }

        /** In the order of the lines, with those whose examples are not taken again. */
        List<IntakeReport.LineError> errors(List<String> deleted) {
            return Stream.concat(
                            errors.stream(),
                            deleted.stream()
                                    .map(id ->
                                            new IntakeReport.LineError(Objects.requireNonNull(lines.get(id)), DELETED)))
                    .sorted(Comparator.comparingLong(IntakeReport.LineError::line))
                    .toList();
        }
    }
}
