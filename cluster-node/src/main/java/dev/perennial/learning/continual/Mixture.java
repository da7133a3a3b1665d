package dev.perennial.learning.continual;

import dev.perennial.learning.continual.Parts.Part;
import dev.perennial.learning.tuning.BatchSource;
import dev.perennial.learning.tuning.PreferenceLessons;
import dev.perennial.learning.tuning.TrainingBatch;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Batches of new items with fixed parts of earlier and of general ones ({@link ExperienceReplay}), and the digest of all that
 * was drawn. Of n sequences round((share + generalShare) n) are replayed; the passes over what is new are counted in what is new
 * alone, so that replay makes an update longer and never shorter of what it is for.
 */
final class Mixture implements BatchSource {
    private final PreferenceLessons lessons;
    private final BatchMixer<Part> learned;
    private final BatchMixer<Part> replayed;
    private final int steps;
    private final BooleanSupplier cancelled;
    private final MessageDigest order = sha256();
    private int step;

    /**
     * @param parts at least one fresh
     * @param inOrder whether the first pass over what is new keeps its order
     */
    Mixture(ContinualPlan plan, Parts parts, boolean inOrder, long seed, BooleanSupplier cancelled) {
        List<Part> fresh = parts.fresh();
        List<Part> earlier = parts.earlier();
        List<Part> general = parts.general();
        int size = plan.training().batchSize();
        // A replay pool that is empty leaves its part of the batch to the other one.
        int replayPart = earlier.isEmpty() && general.isEmpty()
                ? 0
                : (int) Math.round(size * (plan.replay().share() + plan.replay().generalShare()));
        int earlierPart = earlier.isEmpty()
                ? 0
                : general.isEmpty()
                        ? replayPart
                        : (int) Math.round(size * plan.replay().share());
        int generalPart = general.isEmpty() ? 0 : replayPart - earlierPart;
        int freshPart = Math.min(fresh.size(), Math.max(1, size - earlierPart - generalPart));
        this.lessons = parts.lessons();
        this.learned = inOrder
                ? new BatchMixer<Part>().withFirstInOrder(fresh, freshPart, seed + 1)
                : new BatchMixer<Part>().with(fresh, freshPart, seed + 1);
        this.replayed =
                new BatchMixer<Part>().with(earlier, earlierPart, seed + 2).with(general, generalPart, seed + 3);
        this.steps = (int) Math.min(
                plan.training().maxSteps(),
                Math.max(1, ((long) fresh.size() * plan.training().epochs() + freshPart - 1) / freshPart));
        this.cancelled = cancelled;
    }

    /** What the plan's passes over the new items come to. */
    int steps() {
        return steps;
    }

    @Override
    public TrainingBatch next() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the update was cancelled at step " + step + " of " + steps);
        }
        step++;
        List<Part> batch =
                Stream.concat(learned.next().stream(), replayed.next().stream()).toList();
        List<String> ids = batch.stream().map(Part::id).toList();
        ids.forEach(id -> order.update(id.getBytes(StandardCharsets.UTF_8)));
        return lessons.batch(batch.stream().map(Part::lesson).toList(), "examples " + String.join(", ", ids));
    }

    /** SHA-256 over the ids of all that was drawn, in that order, hex; once, at the end. */
    String digest() {
        return HexFormat.of().formatHex(order.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
