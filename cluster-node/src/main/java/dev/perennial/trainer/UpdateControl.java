package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.tuning.Checkpoints;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.trainer.Workshop.Listener;
import dev.perennial.trainer.Workshop.Paused;
import dev.perennial.trainer.Workshop.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An update on the thread that calls it, and how others reach it there: it is paused or cancelled between two steps, leaves
 * a checkpoint in every interval, and gives a sign of life with each step. Thread-safe.
 */
final class UpdateControl {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateControl.class);
    /** What a draft has in place of the adapter's artifact. */
    private static final String NOT_STORED = "";

    private final Listener listener;
    private final Duration checkpointInterval;
    private final LongSupplier nanoTime;
    private volatile boolean paused;
    private volatile boolean cancelled;
    private volatile long sign;
    private volatile long saved;

    /** @param nanoTime a clock that only differences are taken of */
    UpdateControl(Listener listener, Duration checkpointInterval, LongSupplier nanoTime) {
        this.listener = listener;
        this.checkpointInterval = checkpointInterval;
        this.nanoTime = nanoTime;
        this.sign = nanoTime.getAsLong();
        this.saved = sign;
    }

    void pause() {
        paused = true;
    }

    void cancel() {
        cancelled = true;
    }

    Duration silence() {
        return Duration.ofNanos(nanoTime.getAsLong() - sign);
    }

    /**
     * Runs it to its end.
     *
     * @throws Paused after its checkpoint
     * @throws CancellationException where it was cancelled
     */
    UpdateRun.Outcome run(BaseModel base, GeneralSuite general, Work work) {
        UpdateAssignment assignment = work.assignment();
        Path file = work.directory().resolve("checkpoint.safetensors");
        take(work.checkpoint(), file);
        Checkpoints checkpoints = new Checkpoints(
                file,
                step -> isDue(),
                TrainingIdentity.of(base, general, assignment),
                assignment.update() + " under token " + assignment.token(),
                step -> saved(file, step));
        checkpoints.unusable().ifPresent(reason -> {
            LOG.warn("{} begins at its first step again: {}", assignment.update(), reason);
            delete(file);
        });
        Optional<Integer> resumedAt =
                Files.exists(file) ? assignment.checkpoint().map(Checkpoint::step) : Optional.empty();
        saved = nanoTime.getAsLong();
        return new UpdateRun(
                        base,
                        general,
                        assignment,
                        progress -> {
                            live();
                            listener.progress(progress);
                        },
                        () -> {
                            live();
                            return cancelled;
                        })
                .run(work.data(), work.parent(), work.parentFisher(), Optional.of(checkpoints))
                .resumedAt(resumedAt);
    }

    static Candidate draft(UpdateRun.Outcome outcome) {
        return outcome.candidate(NOT_STORED, Optional.empty());
    }

    private void live() {
        sign = nanoTime.getAsLong();
    }

    private boolean isDue() {
        return paused || nanoTime.getAsLong() - saved >= checkpointInterval.toNanos();
    }

    private void saved(Path file, int step) {
        Path own = file.resolveSibling("checkpoint-" + step + ".safetensors");
        move(file, own);
        saved = nanoTime.getAsLong();
        listener.checkpoint(own, step);
        if (paused) {
            throw new Paused(step);
        }
    }

    private static void take(Optional<Path> checkpoint, Path file) {
        checkpoint.ifPresent(given -> move(given, file));
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move the checkpoint " + from + ": " + e, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the checkpoint " + file + ": " + e, e);
        }
    }
}
