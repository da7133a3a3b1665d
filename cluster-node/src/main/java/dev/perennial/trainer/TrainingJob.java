package dev.perennial.trainer;

import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.trainer.Workshop.Running;
import dev.perennial.trainer.Workshop.Trained;
import dev.perennial.trainer.Workshop.Work;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything a trainer does under one lease: take up the update, fetch its texts, the parent's weights and the checkpoint of
 * an earlier attempt, have it run in the workshop, store checkpoints and the candidate, hand it to the domain.
 *
 * <p>What is fenced: the domain takes checkpoints and the candidate under the latest token alone, so that a trainer whose
 * lease has ended changes nothing, whenever it finds out. What is done at least once: every question to a store or a domain is
 * asked again where no answer came, which is safe as artifacts are named by their content and the domain knows a repeated
 * checkpoint or candidate by its token and artifact. A database or a domain that is away is waited for, and costs no attempt.
 */
final class TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);
    /** How often an example may be deleted between an assignment and the fetching of its texts. */
    private static final int ASSIGNMENTS = 10;

    private final Lease lease;
    private final Parts parts;
    private final Patience patience;
    private final CheckpointUploads uploads;
    private final WorkDirectory directory;
    /** Fails where there is no native work that could be abandoned. */
    private final CompletableFuture<DomainReply> abandoned = new CompletableFuture<>();

    private volatile Progress progress = new Progress("selecting", 0, 0, 0, 0, 0);
    private volatile long sign;
    private boolean cancelled;
    private boolean paused;
    private @Nullable Running running;

    /**
     * What jobs work with.
     *
     * @param directory of files of running updates
     * @param outagePause between two tries where a database or a domain is away
     * @param outageTries after which the lease is handed back
     * @param nanos as of {@link System#nanoTime()}
     */
    record Parts(
            Workshop workshop,
            DomainAsk domains,
            ExampleSource examples,
            AdapterStore adapters,
            CheckpointStore checkpoints,
            Path directory,
            Duration outagePause,
            int outageTries,
            LongSupplier nanos) {}

    /** The lease is handed back, and the update waits for another trainer: that it is not done is no fault of its own. */
    static final class HandedBack extends RuntimeException {
        private static final long serialVersionUID = 1;

        HandedBack(String reason, @Nullable Throwable cause) {
            super(reason, cause);
        }
    }

    TrainingJob(Lease lease, Parts parts) {
        this.lease = lease;
        this.parts = parts;
        this.sign = parts.nanos().getAsLong();
        this.patience = new Patience(parts.outagePause(), parts.outageTries(), this::isCancelled, this::sign);
        this.uploads = new CheckpointUploads(lease, parts.checkpoints(), parts.domains(), patience, this::cancel);
        this.directory = new WorkDirectory(parts.directory().resolve(lease.update() + "-" + lease.token()));
    }

    Lease lease() {
        return lease;
    }

    Progress progress() {
        return progress;
    }

    /** The step in flight ends, then the job fails. */
    synchronized void cancel() {
        cancelled = true;
        if (running != null) {
            running.cancel();
        }
    }

    /** The job hands its lease back, with a checkpoint of the step in flight; what is trained already is finished. */
    synchronized void pause() {
        paused = true;
        if (running != null) {
            running.pause();
        }
    }

    /** Ends now for this reason, with or without the thread that it may hang on. */
    synchronized void abandon(String reason) {
        cancelled = true;
        if (running != null) {
            running.abandon(reason);
        } else {
            abandoned.completeExceptionally(new CancellationException(reason));
        }
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /**
     * For how long nothing was heard of the native work; before and after it, of the store or the domain that was asked last, whose answer
     * takes native calls too where it is weights.
     */
    synchronized Duration silence() {
        return running == null ? Duration.ofNanos(parts.nanos().getAsLong() - sign) : running.silence();
    }

    private void sign() {
        sign = parts.nanos().getAsLong();
    }

    /**
     * Completes when the domain has taken the candidate. Fails with {@link HandedBack} where another trainer is to go on, and
     * else with the reason why there is no candidate.
     */
    CompletionStage<DomainReply> start() {
        return work().applyToEither(abandoned, Function.identity());
    }

    private CompletionStage<DomainReply> work() {
        return directory
                .made()
                .thenCompose(made -> begin())
                .thenCompose(assignment -> fetched(assignment, ASSIGNMENTS))
                .thenCompose(this::train)
                .thenCompose(this::stored)
                .thenCompose(this::submit)
                .exceptionallyCompose(this::explained)
                .whenComplete((reply, failure) -> directory.delete());
    }

    private CompletionStage<DomainReply> explained(Throwable failure) {
        Throwable cause = Patience.cause(failure);
        if (cause instanceof Patience.Exhausted) {
            return CompletableFuture.failedFuture(new HandedBack(String.valueOf(cause.getMessage()), cause));
        }
        if (cause instanceof Workshop.Paused) {
            return uploads.settled()
                    .handle((stored, lost) -> lost == null
                            ? String.valueOf(cause.getMessage())
                            : cause.getMessage() + ", its checkpoint not stored: " + Patience.cause(lost))
                    .thenCompose(reason -> CompletableFuture.failedFuture(new HandedBack(reason, cause)));
        }
        return CompletableFuture.failedFuture(cause);
    }

    private CompletionStage<UpdateAssignment> begin() {
        return asked(new DomainCommand.BeginUpdate(lease.update(), lease.token()))
                .thenApply(reply -> {
                    if (reply instanceof DomainReply.Assigned assigned) {
                        return assigned.assignment();
                    }
                    throw new AssertionError(reply);
                });
    }

    private CompletionStage<DomainReply> asked(DomainCommand command) {
        return patience.ask(() -> parts.domains().ask(lease.update().domain(), command))
                .thenApply(reply -> {
                    if (reply instanceof DomainReply.Refused refused) {
                        throw new ProblemException(refused.problem());
                    }
                    return reply;
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

    private CompletionStage<UpdateData> fetch(UpdateAssignment assignment) {
        List<String> ids = new ArrayList<>(assignment.train());
        ids.addAll(assignment.heldOut());
        ids.addAll(assignment.replay());
        ids.addAll(assignment.retained());
        return patience.ask(() -> parts.examples().fetch(lease.update().domain(), ids))
                .thenApply(examples -> {
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

    private CompletionStage<Trained> train(Fetched fetched) {
        UpdateAssignment assignment = fetched.assignment();
        return checkpoint(assignment.checkpoint())
                .thenCompose(checkpoint -> loaded(assignment.parentFisher(), parts.adapters()::loadFisher)
                        .thenCompose(fisher -> loaded(assignment.parentArtifact(), parts.adapters()::load)
                                .thenCompose(parent -> run(new Work(
                                        assignment, fetched.data(), parent, fisher, directory.path(), checkpoint)))));
    }

    private <T> CompletionStage<Optional<T>> loaded(
            Optional<String> artifact, Function<String, CompletionStage<T>> load) {
        return artifact.map(id -> patience.ask(() -> load.apply(id)).thenApply(Optional::of))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    /** A checkpoint saves work and is never needed: one that is not there, or is damaged, is done without. */
    private CompletionStage<Optional<Path>> checkpoint(Optional<Checkpoint> taken) {
        return taken.map(checkpoint -> patience.ask(() -> parts.checkpoints()
                                .fetch(checkpoint.artifact(), directory.path().resolve("earlier.safetensors")))
                        .thenApply(file -> {
                            LOG.info("{} goes on from step {}", lease.update(), checkpoint.step());
                            return Optional.of(file);
                        })
                        .exceptionallyCompose(failure -> {
                            Throwable cause = Patience.cause(failure);
                            if (cause instanceof Patience.Exhausted) {
                                return CompletableFuture.failedFuture(cause);
                            }
                            LOG.warn("{} goes on without its checkpoint: {}", lease.update(), cause.toString());
                            return CompletableFuture.completedFuture(Optional.empty());
                        }))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private synchronized CompletionStage<Trained> run(Work work) {
        if (cancelled) {
            work.parent().ifPresent(parent -> parent.close());
            throw new CancellationException("the update was cancelled before it was trained");
        }
        if (paused) {
            work.parent().ifPresent(parent -> parent.close());
            throw new Workshop.Paused(
                    work.assignment().checkpoint().map(Checkpoint::step).orElse(0));
        }
        Running begun = parts.workshop().begin(work, new Workshop.Listener() {
            @Override
            public void progress(Progress latest) {
                progress = latest;
            }

            @Override
            public void checkpoint(Path file, int step) {
                uploads.add(file, step);
            }
        });
        running = begun;
        return begun.result().whenComplete((trained, failure) -> ended());
    }

    private synchronized void ended() {
        running = null;
        sign();
    }

    private CompletionStage<Candidate> stored(Trained trained) {
        CompletionStage<Optional<String>> fisher = trained.fisher()
                .map(each ->
                        patience.ask(() -> parts.adapters().storeFisher(each)).thenApply(Optional::of))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
        return patience.ask(() -> parts.adapters().store(trained.adapter()))
                .whenComplete((artifact, failure) -> trained.adapter().close())
                .thenCombine(fisher, (artifact, left) -> candidate(trained.draft(), artifact, left));
    }

    private static Candidate candidate(Candidate draft, String artifact, Optional<String> fisher) {
        return new Candidate(
                artifact,
                draft.manifest(),
                draft.evaluation(),
                draft.measurements(),
                fisher,
                draft.conflicts(),
                draft.outliers());
    }

    private CompletionStage<DomainReply> submit(Candidate candidate) {
        return asked(new DomainCommand.SubmitCandidate(lease.update(), lease.token(), candidate));
    }
}
