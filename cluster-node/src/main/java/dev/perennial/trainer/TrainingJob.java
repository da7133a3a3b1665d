package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Everything a trainer does under one lease: take up the update, fetch its texts and the parent's weights, run it on the
 * training thread, store the candidate, hand it to the domain. Submitting is repeated until the domain has answered, which
 * is safe as the domain knows the candidate by its token and content.
 */
final class TrainingJob {
    private static final int SUBMISSIONS = 30;
    private static final long SUBMISSION_PAUSE_MILLIS = 1_000;

    /** How often an example may be deleted between an assignment and the fetching of its texts. */
    private static final int ASSIGNMENTS = 10;

    private final Lease lease;
    private final Parts parts;
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private volatile Progress progress = new Progress("selecting", 0, 0, 0, 0, 0);

    /** What jobs work with. The executor has one thread: one training at a time. */
    record Parts(
            BaseModel base,
            GeneralSuite general,
            DomainAsk domains,
            ExampleSource examples,
            AdapterStore adapters,
            Executor trainingThread) {}

    TrainingJob(Lease lease, Parts parts) {
        this.lease = lease;
        this.parts = parts;
    }

    Lease lease() {
        return lease;
    }

    Progress progress() {
        return progress;
    }

    /** The step in flight ends, then the job fails. */
    void cancel() {
        cancelled.set(true);
    }

    boolean isCancelled() {
        return cancelled.get();
    }

    /** Completes when the domain has taken the candidate; fails with the reason where there is none. */
    CompletionStage<DomainReply> start() {
        return begin().thenCompose(assignment -> fetched(assignment, ASSIGNMENTS))
                .thenCompose(this::work);
    }

    private CompletionStage<UpdateAssignment> begin() {
        return parts.domains()
                .ask(lease.update().domain(), new DomainCommand.BeginUpdate(lease.update(), lease.token()))
                .thenApply(reply -> {
                    if (reply instanceof DomainReply.Assigned assigned) {
                        return assigned.assignment();
                    }
                    if (reply instanceof DomainReply.Refused refused) {
                        throw new ProblemException(refused.problem());
                    }
                    throw new AssertionError(reply);
                });
    }

    private record Fetched(UpdateAssignment assignment, UpdateData data) {}

    /** Where a text is missing, its example may have been deleted since: the domain assigns what is left. */
    private CompletionStage<Fetched> fetched(UpdateAssignment assignment, int left) {
        return fetch(assignment)
                .thenApply(data -> new Fetched(assignment, data))
                .exceptionallyCompose(failure -> begin().thenCompose(again -> left > 1 && !again.equals(assignment)
                        ? fetched(again, left - 1)
                        : CompletableFuture.failedFuture(failure)));
    }

    private CompletionStage<DomainReply> work(Fetched fetched) {
        UpdateAssignment assignment = fetched.assignment();
        return loaded(assignment.parentFisher(), parts.adapters()::loadFisher)
                .thenCompose(fisher -> loaded(assignment.parentArtifact(), parts.adapters()::load)
                        .thenApplyAsync(parent -> run(fetched, parent, fisher), parts.trainingThread()))
                .thenCompose(this::stored)
                .thenCompose(candidate -> submit(candidate, SUBMISSIONS));
    }

    private static <T> CompletionStage<Optional<T>> loaded(
            Optional<String> artifact, Function<String, CompletionStage<T>> load) {
        return artifact.map(id -> load.apply(id).thenApply(Optional::of))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private UpdateRun.Outcome run(Fetched fetched, Optional<Adapter> parent, Optional<Fisher> parentFisher) {
        try {
            return new UpdateRun(
                            parts.base(),
                            parts.general(),
                            fetched.assignment(),
                            latest -> progress = latest,
                            cancelled::get)
                    .run(fetched.data(), parent, parentFisher);
        } finally {
            parent.ifPresent(Adapter::close);
        }
    }

    private CompletionStage<Candidate> stored(UpdateRun.Outcome outcome) {
        CompletionStage<Optional<String>> fisher = outcome.fisher()
                .map(each -> parts.adapters().storeFisher(each).thenApply(Optional::of))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
        return parts.adapters()
                .store(outcome.adapter())
                .whenComplete((artifact, failure) -> outcome.adapter().close())
                .thenCombine(fisher, outcome::candidate);
    }

    private CompletionStage<UpdateData> fetch(UpdateAssignment assignment) {
        List<String> ids = new ArrayList<>(assignment.train());
        ids.addAll(assignment.heldOut());
        ids.addAll(assignment.replay());
        ids.addAll(assignment.retained());
        return parts.examples().fetch(lease.update().domain(), ids).thenApply(examples -> {
            List<UpdateData.Item> items = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                Example example = examples.get(i);
                items.add(new UpdateData.Item(ids.get(i), example));
            }
            int heldOut = assignment.train().size();
            int replay = heldOut + assignment.heldOut().size();
            int retained = replay + assignment.replay().size();
            return new UpdateData(
                    items.subList(0, heldOut),
                    items.subList(heldOut, replay),
                    items.subList(replay, retained),
                    items.subList(retained, items.size()));
        });
    }

    private CompletionStage<DomainReply> submit(Candidate candidate, int left) {
        return parts.domains()
                .ask(
                        lease.update().domain(),
                        new DomainCommand.SubmitCandidate(lease.update(), lease.token(), candidate))
                .handle((reply, failure) -> {
                    if (failure == null) {
                        if (reply instanceof DomainReply.Refused refused) {
                            throw new ProblemException(refused.problem());
                        }
                        return CompletableFuture.completedFuture(reply);
                    }
                    if (left <= 1 || cancelled.get()) {
                        throw new CompletionException(failure);
                    }
                    return CompletableFuture.supplyAsync(
                                    () -> candidate,
                                    CompletableFuture.delayedExecutor(SUBMISSION_PAUSE_MILLIS, TimeUnit.MILLISECONDS))
                            .thenCompose(again -> submit(again, left - 1));
                })
                .thenCompose(stage -> stage);
    }
}
