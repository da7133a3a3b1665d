package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.tuning.BatchSource;
import dev.perennial.learning.tuning.FineTuning;
import dev.perennial.learning.tuning.LikelihoodBatch;
import dev.perennial.learning.tuning.TrainingBatch;
import dev.perennial.learning.tuning.TuningSettings;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateAssignment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One update from examples to an evaluated adapter: LoRA on the new examples, with the domain's and the base's earlier ones
 * mixed into every batch (experience replay, Rolnick et al. 2019) and held there to the parent's answers (learning without
 * forgetting, Li and Hoiem 2016). New examples that the parent answers right already are replayed, not learned. The same assignment gives the same bytes.
 */
final class UpdateRun {
    private static final String PLAIN = "lora";
    private static final String DEFAULT_METHOD = "lora+replay";
    private static final double WEIGHT_DECAY = 0.01;

    private final BaseModel base;
    private final GeneralSuite general;
    private final SequenceEncoder encoder;
    private final UpdateAssignment assignment;
    private final Consumer<Progress> progress;
    private final BooleanSupplier cancelled;
    private final Set<String> skipped = new TreeSet<>();

    /** What a run makes; whoever gets it closes the adapter. */
    record Outcome(Adapter adapter, Manifest manifest, Evaluation evaluation) {}

    UpdateRun(
            BaseModel base,
            GeneralSuite general,
            UpdateAssignment assignment,
            Consumer<Progress> progress,
            BooleanSupplier cancelled) {
        this.base = base;
        this.general = general;
        this.encoder = new SequenceEncoder(base);
        this.assignment = assignment;
        this.progress = progress;
        this.cancelled = cancelled;
    }

    /**
     * @param parent the parent's adapter, from which training goes on; empty where the parent is the bare base, and a fresh
     *     adapter of the policy's shape is begun
     * @throws CancellationException where it was cancelled between two steps
     */
    Outcome run(UpdateData data, Optional<Adapter> parent) {
        progress.accept(new Progress("selecting", 0, 0, 0, 0, 0));
        DomainPolicy.Training training = assignment.policy().training();
        LoraSettings settings =
                new LoraSettings(training.rank(), training.alpha(), training.dropout(), training.targets());
        LoraTraining.Objective objective = new LoraTraining.Objective(
                training.documentWeight(),
                replays() ? assignment.policy().replay().distillation() : 0);
        try (Adapter bare = Adapter.none(base);
                Adapter fresh = Adapter.fresh(base, settings, assignment.seed())) {
            Adapter before = parent.orElse(bare);
            return run(data, before, parent.orElse(fresh), objective);
        }
    }

    private Outcome run(UpdateData data, Adapter before, Adapter start, LoraTraining.Objective objective) {
        try (LoraTraining loop = new LoraTraining(base, start, before, objective, assignment.seed())) {
            Manifest manifest = train(loop, before, data);
            Adapter after = loop.finish();
            try {
                progress.accept(
                        new Progress("evaluating", manifest.steps(), manifest.steps(), manifest.finalLoss(), 0, 0));
                Evaluation evaluation = new Evaluation(
                        score(before, encode(data.heldOut())),
                        score(after, encode(data.heldOut())),
                        score(before, encode(data.retained())),
                        score(after, encode(data.retained())),
                        score(before, general.measured()),
                        score(after, general.measured()));
                progress.accept(
                        new Progress("storing", manifest.steps(), manifest.steps(), manifest.finalLoss(), 0, 0));
                return new Outcome(after, manifest, evaluation);
            } catch (RuntimeException e) {
                after.close();
                throw e;
            }
        }
    }

    private record Tagged(String id, Sequence sequence) {}

    private Manifest train(LoraTraining loop, Adapter before, UpdateData data) {
        DomainPolicy.Training training = assignment.policy().training();
        DomainPolicy.Replay replay = assignment.policy().replay();
        List<Tagged> fresh = tag(data.train());
        List<Tagged> earlier = new ArrayList<>();
        if (replays()) {
            earlier.addAll(tag(data.replay()));
            List<Tagged> known = known(before, fresh);
            // With nothing unknown, what was sent is practised all the same.
            if (known.size() < fresh.size()) {
                earlier.addAll(known);
                fresh.removeAll(known);
            }
        }
        List<Tagged> kept = replays()
                ? general.replayed().stream().map(s -> new Tagged("general", s)).toList()
                : List.of();
        if (fresh.isEmpty()) {
            throw new LearningException("there is no new example to learn that fits the base model's context");
        }
        // A replay pool that is empty leaves its part of the batch to the other one.
        int replayPart = earlier.isEmpty() && kept.isEmpty()
                ? 0
                : (int) Math.round(training.batchSize() * (replay.share() + replay.generalShare()));
        int earlierPart = earlier.isEmpty()
                ? 0
                : kept.isEmpty() ? replayPart : (int) Math.round(training.batchSize() * replay.share());
        int keptPart = kept.isEmpty() ? 0 : replayPart - earlierPart;
        int freshPart = Math.min(fresh.size(), Math.max(1, training.batchSize() - earlierPart - keptPart));
        long seed = assignment.seed();
        BatchMixer<Tagged> learned = new BatchMixer<Tagged>().with(fresh, freshPart, seed + 1);
        BatchMixer<Tagged> replayed =
                new BatchMixer<Tagged>().with(earlier, earlierPart, seed + 2).with(kept, keptPart, seed + 3);
        int steps = (int) Math.min(
                training.maxSteps(),
                Math.max(1, ((long) fresh.size() * training.epochs() + freshPart - 1) / freshPart));
        MessageDigest order = sha256();
        BatchSource source = new BatchSource() {
            private int step;

            @Override
            public TrainingBatch next() {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the update was cancelled at step " + step + " of " + steps);
                }
                step++;
                return batch(learned.next(), replayed.next(), order);
            }
        };
        FineTuning.Result result = new FineTuning(
                        new TuningSettings(steps, training.learningRate(), WEIGHT_DECAY),
                        source,
                        Optional.empty(),
                        Optional.empty(),
                        now -> progress.accept(new Progress(
                                "training",
                                now.step(),
                                now.steps(),
                                now.loss(),
                                now.tokensPerSecond(),
                                now.secondsLeft())))
                .run(loop);
        return new Manifest(
                base.digest(),
                HexFormat.of().formatHex(order.digest()),
                method(),
                seed,
                training,
                Map.of(
                        "new",
                        data.train().size(),
                        "replayed",
                        earlier.size(),
                        "general",
                        kept.size(),
                        "skipped",
                        skipped.size()),
                result.steps(),
                result.tokens(),
                result.finalLoss(),
                result.seconds());
    }

    /** Its examples go into the digest of the order. */
    private static TrainingBatch batch(List<Tagged> now, List<Tagged> again, MessageDigest order) {
        List<String> ids =
                Stream.concat(now.stream(), again.stream()).map(Tagged::id).toList();
        ids.forEach(id -> order.update(id.getBytes(StandardCharsets.UTF_8)));
        return new LikelihoodBatch(
                now.stream().map(Tagged::sequence).toList(),
                again.stream().map(Tagged::sequence).toList(),
                "examples " + String.join(", ", ids));
    }

    private String method() {
        return assignment.method().orElse(DEFAULT_METHOD);
    }

    private boolean replays() {
        return !method().equals(PLAIN);
    }

    /** New examples that the parent answers right already: nothing to learn, but something to keep. */
    private List<Tagged> known(Adapter before, List<Tagged> items) {
        List<Scoring.Result> results =
                Scoring.score(base, before, items.stream().map(Tagged::sequence).toList());
        List<Tagged> known = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).sequence().judged() && results.get(i).right()) {
                known.add(items.get(i));
            }
        }
        return known;
    }

    private List<Tagged> tag(List<UpdateData.Item> items) {
        List<Tagged> tagged = new ArrayList<>();
        for (UpdateData.Item item : items) {
            encode(item).forEach(sequence -> tagged.add(new Tagged(item.id(), sequence)));
        }
        return tagged;
    }

    private List<Sequence> encode(List<UpdateData.Item> items) {
        return items.stream().flatMap(item -> encode(item).stream()).toList();
    }

    /** One example that does not fit the context must not stop a domain from learning the others: it is counted instead. */
    private List<Sequence> encode(UpdateData.Item item) {
        try {
            return item.encode(encoder);
        } catch (LearningException tooLong) {
            skipped.add(item.id());
            return List.of();
        }
    }

    private Score score(Adapter adapter, List<Sequence> suite) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the update was cancelled while it was evaluated");
        }
        List<Scoring.Result> results = Scoring.score(base, adapter, suite);
        double logProbability = 0;
        long tokens = 0;
        int right = 0;
        int judged = 0;
        for (int i = 0; i < results.size(); i++) {
            logProbability += results.get(i).logProbability();
            tokens += results.get(i).tokens();
            if (suite.get(i).judged()) {
                judged++;
                right += results.get(i).right() ? 1 : 0;
            }
        }
        return new Score(
                judged == 0 ? 0 : (double) right / judged,
                tokens == 0 ? 0 : logProbability / tokens,
                judged,
                results.size());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
