package dev.perennial.domain;

import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.GateReport;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.RequestRule;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The part of a domain's decisions that is about updates that were requested: begin, submit, fail, cancel. */
final class UpdateDecisions {
    static final int MOST_EXAMPLES_AN_UPDATE = 10_000;
    static final int MOST_REPLAYED_AN_UPDATE = 10_000;

    private UpdateDecisions() {}

    static Decision begin(DomainState state, DomainCommand.BeginUpdate begin, Instant now) {
        Update update = require(state, begin.update());
        requireOpen(update);
        if (update.state() == UpdateState.RUNNING && begin.token() == update.token()) {
            return assigned(begin.update(), List.of());
        }
        if (begin.token() <= update.token()) {
            throw stale(update, begin.token());
        }
        state.updates()
                .inState(UpdateState.RUNNING)
                .map(running -> running.request().id())
                .filter(running -> !running.equals(begin.update()))
                .ifPresent(running -> {
                    throw new ProblemException(Problem.conflict(
                            "id",
                            "update " + begin.update() + " has to wait until " + running
                                    + " is over, since updates of one domain run one at a time"));
                });
        int examples = update.attempt()
                .map(attempt -> state.examples().taken(attempt).size())
                .filter(taken -> taken > 0)
                .orElse(Math.min(learnable(state, update), MOST_EXAMPLES_AN_UPDATE));
        if (examples == 0) {
            throw new ProblemException(
                    Problem.conflict("id", "update " + begin.update() + " has no waiting example to learn"));
        }
        long seed = Mixing.seed(begin.update().toString());
        return assigned(
                begin.update(),
                List.of(new DomainEvent.UpdateStarted(
                        begin.update(), begin.token(), state.live(), examples, seed, now)));
    }

    /** Where requests queue, the later one learns what came later. */
    private static int learnable(DomainState state, Update update) {
        int waiting = state.examples().waiting().size();
        return state.policy().scheduling().requests() == RequestRule.QUEUE
                ? Math.min(waiting, update.request().examples())
                : waiting;
    }

    private static Decision assigned(UpdateId id, List<DomainEvent> events) {
        return Decision.shown(events, after -> new DomainReply.Assigned(assignment(after, id)));
    }

    private static UpdateAssignment assignment(DomainState state, UpdateId id) {
        Update update = state.updates().get(id);
        Attempt attempt = update.attempt().orElseThrow();
        Split split = state.examples().split(attempt);
        return new UpdateAssignment(
                id,
                update.token(),
                attempt.parent(),
                state.lineage().artifact(attempt.parent().number()),
                isElastic(state, update)
                        ? state.lineage().fisher(attempt.parent().number())
                        : Optional.empty(),
                Split.ids(split.train()),
                Split.ids(split.heldOut()),
                state.examples().replayed(MOST_REPLAYED_AN_UPDATE, attempt.seed()),
                state.examples().retained(attempt),
                state.policy(),
                update.request().method(),
                attempt.seed(),
                update.checkpoint());
    }

    private static boolean isElastic(DomainState state, Update update) {
        return method(state, update).has(LearningMethod.Part.EWC);
    }

    private static LearningMethod method(DomainState state, Update update) {
        return update.request()
                .method()
                .map(LearningMethod::parse)
                .orElse(state.policy().method());
    }

    /**
     * Fenced as a candidate is: what an earlier lease's holder saved is never gone on from. One that comes again, or after a
     * later one, changes nothing.
     */
    static Decision checkpoint(DomainState state, DomainCommand.TakeCheckpoint take, Instant now) {
        Update update = require(state, take.update());
        // Asked again under a lease that has ended since: whoever is refused removes the checkpoint, which is given out
        // by now.
        if (update.checkpoint().filter(take.checkpoint()::equals).isPresent()) {
            return Decision.done();
        }
        requireRunning(update, take.checkpoint().token());
        Bounds.integer("checkpoint.step", take.checkpoint().step(), 1, Integer.MAX_VALUE);
        boolean late = update.checkpoint()
                .filter(known -> known.token() == take.checkpoint().token())
                .filter(known -> known.step() >= take.checkpoint().step())
                .isPresent();
        return late
                ? Decision.done()
                : Decision.done(new DomainEvent.CheckpointTaken(take.update(), take.checkpoint(), now));
    }

    static Decision submit(DomainState state, DomainCommand.SubmitCandidate submit, Instant now) {
        Update update = require(state, submit.update());
        String artifact = submit.candidate().artifact();
        boolean repeated = submit.token() == update.token()
                && update.version()
                        .flatMap(version -> state.lineage().artifact(version.number()))
                        .filter(artifact::equals)
                        .isPresent();
        if (repeated) {
            return shown(submit.update());
        }
        requireRunning(update, submit.token());
        Attempt attempt = update.attempt().orElseThrow();
        List<List<String>> conflicts = ExampleDecisions.setAside(
                state.examples(), attempt, submit.candidate().conflicts());
        List<String> outliers = ExampleDecisions.outliers(
                state.examples(), attempt, submit.candidate().outliers(), conflicts);
        requireMeasured(state, attempt, submit.candidate().evaluation(), conflicts);
        VersionId version = new VersionId(state.id(), state.lineage().versions().size() + 1);
        GateReport report = Gate.judge(state.policy().gate(), submit.candidate().evaluation());
        DomainEvent trained = new DomainEvent.CandidateTrained(
                submit.update(),
                version,
                attempt.parent(),
                artifact,
                submit.candidate().manifest(),
                submit.candidate().fisher(),
                now);
        DomainEvent evaluated = new DomainEvent.CandidateEvaluated(
                submit.update(), version, submit.candidate().evaluation(), report, now);
        List<DomainEvent> events = new ArrayList<>(List.of(trained, evaluated));
        if (!conflicts.isEmpty() || !outliers.isEmpty()) {
            events.add(new DomainEvent.ExamplesSetAside(submit.update(), conflicts, outliers, now));
        }
        events.add(verdict(state, attempt, submit, version, report, now));
        return shown(submit.update(), events.toArray(DomainEvent[]::new));
    }

    /** A suite that was handed out has to come back measured, or a trainer could pass the gate by not asking. */
    private static void requireMeasured(
            DomainState state, Attempt attempt, Evaluation evaluation, List<List<String>> setAside) {
        Set<String> judging =
                new HashSet<>(Split.ids(state.examples().split(attempt).heldOut()));
        setAside.forEach(judging::removeAll);
        if (evaluation.newAfter().examples() == 0 && !judging.isEmpty()) {
            throw new ProblemException(Problem.invalid(
                    "candidate.evaluation.newAfter", "the held-out examples of the update were not measured"));
        }
        if (evaluation.retainedAfter().examples() == 0
                && !state.examples().retained(attempt).isEmpty()) {
            throw new ProblemException(Problem.invalid(
                    "candidate.evaluation.retainedAfter", "the domain's retained suite was not measured"));
        }
    }

    private static DomainEvent verdict(
            DomainState state,
            Attempt attempt,
            DomainCommand.SubmitCandidate submit,
            VersionId version,
            GateReport report,
            Instant now) {
        UpdateId update = submit.update();
        if (!attempt.parent().equals(state.live())) {
            return new DomainEvent.CandidateRejected(
                    update,
                    version,
                    "The live version changed from " + attempt.parent() + " to " + state.live()
                            + " while the update ran, so that its candidate continues a version that is not live.",
                    now);
        }
        return report.passed()
                ? new DomainEvent.VersionPromoted(
                        update,
                        version,
                        measured(state, attempt, submit.candidate().measurements()),
                        now)
                : new DomainEvent.CandidateRejected(update, version, Gate.reason(report), now);
    }

    /** One of each example that was learned; a trainer may have measured others on its way. */
    private static List<Measurement> measured(DomainState state, Attempt attempt, List<Measurement> measurements) {
        Set<String> wanted =
                new HashSet<>(Split.ids(state.examples().split(attempt).train()));
        return measurements.stream().filter(each -> wanted.remove(each.id())).toList();
    }

    static Decision fail(DomainState state, DomainCommand.FailUpdate fail, Instant now) {
        Update update = require(state, fail.update());
        if (update.state() == UpdateState.FAILED) {
            return shown(fail.update());
        }
        requireOpen(update);
        if (fail.token() < update.token()) {
            throw stale(update, fail.token());
        }
        String reason = fail.reason().length() <= DomainDecisions.LONGEST_TEXT
                ? fail.reason()
                : fail.reason().substring(0, DomainDecisions.LONGEST_TEXT);
        List<DomainEvent> events = new ArrayList<>();
        update.attempt().ifPresent(attempt -> {
            // Where contradictions left nothing to learn, no candidate could name them.
            List<List<String>> conflicts = method(state, update).has(LearningMethod.Part.GAP)
                    ? ExampleDecisions.contradictions(state.examples(), attempt)
                    : List.of();
            if (!conflicts.isEmpty()) {
                events.add(new DomainEvent.ExamplesSetAside(fail.update(), conflicts, now));
            }
            if (state.examples().taken(attempt).size()
                    > conflicts.stream().mapToInt(List::size).sum()) {
                events.add(new DomainEvent.ExamplesHeldBack(fail.update(), now));
            }
        });
        events.add(new DomainEvent.UpdateFailed(fail.update(), reason, now));
        return shown(fail.update(), events.toArray(DomainEvent[]::new));
    }

    static Decision cancel(DomainState state, DomainCommand.CancelUpdate cancel, Instant now) {
        Update update = require(state, cancel.update());
        Bounds.text("reason", cancel.reason(), DomainDecisions.LONGEST_TEXT);
        if (update.state() == UpdateState.CANCELLED) {
            return shown(cancel.update());
        }
        requireOpen(update);
        return shown(cancel.update(), new DomainEvent.UpdateCancelled(cancel.update(), cancel.reason(), now));
    }

    static Decision progress(DomainState state, DomainCommand.ReportProgress report) {
        requireRunning(require(state, report.update()), report.token());
        return Decision.done();
    }

    static Decision show(DomainState state, DomainCommand.ShowUpdate show) {
        require(state, show.update());
        return shown(show.update());
    }

    static Decision shown(UpdateId id, DomainEvent... events) {
        return Decision.shown(List.of(events), after -> new DomainReply.UpdateShown(Views.update(after, id)));
    }

    private static Update require(DomainState state, UpdateId id) {
        if (!id.domain().equals(state.id())) {
            throw new ProblemException(
                    Problem.notFound("id", "update " + id + " is not one of domain '" + state.id() + "'"));
        }
        return state.updates()
                .find(id)
                .orElseThrow(() -> new ProblemException(Problem.notFound(
                        "id",
                        "there is no update " + id + "; domain '" + state.id() + "' has had "
                                + state.updates().updates().size())));
    }

    private static void requireOpen(Update update) {
        if (update.state().isFinal()) {
            throw new ProblemException(Problem.conflict(
                    "id", "update " + update.request().id() + " is " + name(update.state()) + " already"));
        }
    }

    private static void requireRunning(Update update, long token) {
        if (update.state() != UpdateState.RUNNING) {
            throw new ProblemException(Problem.conflict(
                    "id", "update " + update.request().id() + " is not running but " + name(update.state())));
        }
        if (token != update.token()) {
            throw stale(update, token);
        }
    }

    private static ProblemException stale(Update update, long token) {
        return new ProblemException(Problem.conflict(
                "token",
                "the latest token of update " + update.request().id() + " is " + update.token() + "; got " + token));
    }

    private static String name(UpdateState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
