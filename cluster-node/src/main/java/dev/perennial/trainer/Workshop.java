package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateAssignment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;

/** Where the native part of updates is done, one at a time. Thread-safe; nothing here blocks its caller. */
interface Workshop {
    /** Begins; whatever goes wrong is the result's. */
    Running begin(Work work, Listener listener);

    /** Whether another update can be begun here: not where too many hang that cannot be got rid of. */
    boolean isUsable();

    /**
     * An update that could run.
     *
     * @param parent closed by the workshop
     * @param directory empty but for the checkpoint, and the update's own
     * @param checkpoint of an earlier attempt, in the directory; it is passed over where it is of other data
     */
    record Work(
            UpdateAssignment assignment,
            UpdateData data,
            Optional<Adapter> parent,
            Optional<Fisher> parentFisher,
            Path directory,
            Optional<Path> checkpoint) {}

    /**
     * What an update came to.
     *
     * @param adapter whoever gets it closes it
     * @param draft the candidate, without the artifacts that are to be stored
     */
    record Trained(Adapter adapter, Optional<Fisher> fisher, Candidate draft) {}

    /** Hears of an update as it runs, on a thread of the workshop's. */
    interface Listener {
        void progress(Progress progress);

        /** @param file the listener's from now on */
        void checkpoint(Path file, int step);
    }

    /** An update as it runs. */
    interface Running {
        /**
         * Fails with {@link Paused} after {@link #pause}, with a {@link CancellationException} after {@link #cancel}, and with
         * the cause where there is no adapter.
         */
        CompletionStage<Trained> result();

        /** Asks for a checkpoint after the step in flight, and for an end then. What is trained already is finished. */
        void pause();

        /** Asks for an end after the step in flight. */
        void cancel();

        /** Ends the result now, for this reason, whether or not what runs can be stopped. */
        void abandon(String reason);

        /** For how long nothing has been heard of it. */
        Duration silence();
    }

    /** The update was paused, and the listener has its checkpoint. */
    final class Paused extends CancellationException {
        private static final long serialVersionUID = 1;

        private final int step;

        Paused(int step) {
            super("paused at step " + step);
            this.step = step;
        }

        int step() {
            return step;
        }
    }
}
