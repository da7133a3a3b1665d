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
 * Batches of new items with fixed parts of what is replayed ({@link ExperienceReplay}), and the digest of all that was
 * drawn. Of n sequences the sum of the shares times n, rounded, are replayed; the passes over what is new are counted in what is new
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
        int size = plan.training().batchSize();
        Sizes sizes = Sizes.of(plan.replay(), size, parts);
        int freshPart = Math.min(fresh.size(), Math.max(1, size - sizes.all()));
        this.lessons = parts.lessons();
        this.learned = inOrder
                ? new BatchMixer<Part>().withFirstInOrder(fresh, freshPart, seed + 1)
                : new BatchMixer<Part>().with(fresh, freshPart, seed + 1);
        this.replayed = new BatchMixer<Part>()
                .withFirstInOrder(parts.earlier(), sizes.earlier(), seed + 2)
                .with(parts.general(), sizes.general(), seed + 3)
                .with(parts.neighbours(), sizes.neighbours(), seed + 6);
        this.steps = (int) Math.min(
                plan.training().maxSteps(),
                Math.max(1, ((long) fresh.size() * plan.training().epochs() + freshPart - 1) / freshPart));
        this.cancelled = cancelled;
    }

    /** How many of a batch are replayed, from each pool. */
    private record Sizes(int earlier, int general, int neighbours) {
        static Sizes of(ExperienceReplay replay, int size, Parts parts) {
            boolean hasEarlier = !parts.earlier().isEmpty();
            boolean hasGeneral = !parts.general().isEmpty();
            int near = parts.neighbours().isEmpty() ? 0 : replay.neighbours(size);
            if (!hasEarlier && !hasGeneral) {
                return new Sizes(0, 0, near);
            }
            // A pool that is empty leaves its part of the batch to another one.
            double shares = replay.share() + replay.generalShare() + replay.neighbourShare();
            int others = (int) Math.round(size * shares) - near;
            int own = hasGeneral ? (int) Math.min(others, Math.round(size * replay.share())) : others;
            int earlier = hasEarlier ? own : 0;
            return new Sizes(earlier, hasGeneral ? others - earlier : 0, near);
        }

        int all() {
            return earlier + general + neighbours;
        }
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
