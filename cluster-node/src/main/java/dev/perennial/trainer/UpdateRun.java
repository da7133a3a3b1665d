package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.ContinualUpdate;
import dev.perennial.learning.continual.ContinualUpdate.Learned;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.learning.continual.UpdateSet;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One update from examples to an evaluated adapter: encodes what the domain assigned, learns it by the domain's method, and
 * asks parent and candidate the suites that the gate judges by. The same assignment gives the same bytes.
 */
final class UpdateRun {
    private static final String GENERAL = "general";

    private final BaseModel base;
    private final GeneralSuite general;
    private final SequenceEncoder encoder;
    private final UpdateAssignment assignment;
    private final LearningMethod method;
    private final Consumer<Progress> progress;
    private final BooleanSupplier cancelled;
    private final Set<String> skipped = new TreeSet<>();

    /** What a run makes; whoever gets it closes the adapter. */
    record Outcome(Learned learned, Manifest manifest, Evaluation evaluation, List<Measurement> measurements) {
        Adapter adapter() {
            return learned.adapter();
        }

        Optional<Fisher> fisher() {
            return learned.fisher();
        }

        /** What the domain is told, once adapter and Fisher are stored. */
        Candidate candidate(String artifact, Optional<String> fisher) {
            return new Candidate(
                    artifact,
                    manifest,
                    evaluation,
                    measurements,
                    fisher,
                    learned.setAside().conflicts(),
                    learned.setAside().outliers());
        }
    }

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
        this.method = assignment
                .method()
                .map(LearningMethod::parse)
                .orElse(assignment.policy().method());
        this.progress = progress;
        this.cancelled = cancelled;
    }

    /**
     * @param parent the parent's adapter; empty where the parent is the bare base
     * @param parentFisher what the parent's own update left for the next
     * @throws CancellationException where it was cancelled between two steps
     */
    Outcome run(UpdateData data, Optional<Adapter> parent, Optional<Fisher> parentFisher) {
        progress.accept(new Progress("selecting", 0, 0, 0, 0, 0));
        ContinualPlan plan = MethodPlans.plan(method, assignment.policy());
        Learned learned = new ContinualUpdate(base, plan)
                .run(
                        parent,
                        parentFisher,
                        new UpdateSet(
                                items(data.train()),
                                items(data.replay()),
                                generalReplay().stream()
                                        .map(sequence -> new UpdateSet.Item(GENERAL, sequence))
                                        .toList(),
                                items(data.heldOut())),
                        assignment.seed(),
                        now -> progress.accept(new Progress(
                                "training",
                                now.step(),
                                now.steps(),
                                now.loss(),
                                now.tokensPerSecond(),
                                now.secondsLeft())),
                        cancelled);
        try (Adapter bare = Adapter.none(base)) {
            Manifest manifest = manifest(data, plan, learned);
            tell("evaluating", manifest);
            Evaluation evaluation = evaluate(data, learned, parent.orElse(bare));
            List<Measurement> measurements = measure(data, learned);
            tell("storing", manifest);
            return new Outcome(learned, manifest, evaluation, measurements);
        } catch (RuntimeException e) {
            learned.adapter().close();
            throw e;
        }
    }

    private List<Sequence> generalReplay() {
        if (!method.has(LearningMethod.Part.OWN) || general.replayed().isEmpty()) {
            return general.replayed();
        }
        return general.own().of(base, general.replayed(), cancelled);
    }

    private void tell(String phase, Manifest manifest) {
        progress.accept(new Progress(phase, manifest.steps(), manifest.steps(), manifest.finalLoss(), 0, 0));
    }

    private Manifest manifest(UpdateData data, ContinualPlan plan, Learned learned) {
        return new Manifest(
                base.digest(),
                learned.dataDigest(),
                method.toString(),
                assignment.seed(),
                assignment.policy().training(),
                Map.of(
                        "new",
                        data.train().size(),
                        "known",
                        learned.counts().known(),
                        "conflicts",
                        learned.setAside().conflicts().stream()
                                .mapToInt(List::size)
                                .sum(),
                        "outliers",
                        learned.setAside().outliers().size(),
                        "replayed",
                        learned.counts().replayed(),
                        GENERAL,
                        learned.counts().general(),
                        "skipped",
                        skipped.size()),
                learned.result().steps(),
                learned.result().tokens(),
                learned.result().finalLoss(),
                learned.result().seconds(),
                Optional.of(new Manifest.Origin(
                        assignment.parent(),
                        assignment.parentArtifact(),
                        assignment.parentFisher(),
                        assignment.policy().replay(),
                        assignment.policy().ewc(),
                        plan.training().weightDecay(),
                        plan.orthogonality())));
    }

    private Evaluation evaluate(UpdateData data, Learned learned, Adapter before) {
        Adapter after = learned.adapter();
        // Of two answers that contradict each other, neither judges.
        List<Sequence> heldOut =
                sequences(without(data.heldOut(), learned.setAside().ids()));
        List<Sequence> retained = sequences(data.retained());
        return new Evaluation(
                score(before, heldOut),
                score(after, heldOut),
                score(before, retained),
                score(after, retained),
                score(before, general.measured()),
                score(after, general.measured()));
    }

    private static List<UpdateData.Item> without(List<UpdateData.Item> items, Set<String> ids) {
        return items.stream().filter(item -> !ids.contains(item.id())).toList();
    }

    /** Of the new examples that were not set aside. */
    private List<Measurement> measure(UpdateData data, Learned learned) {
        return new Measuring(base, assignment.policy().replay())
                .measure(
                        learned.adapter(),
                        items(without(data.train(), learned.setAside().ids())));
    }

    private List<UpdateSet.Item> items(List<UpdateData.Item> examples) {
        List<UpdateSet.Item> items = new ArrayList<>();
        for (UpdateData.Item example : examples) {
            encode(example)
                    .forEach(sequence -> items.add(new UpdateSet.Item(example.id(), sequence, example.question())));
        }
        return items;
    }

    private List<Sequence> sequences(List<UpdateData.Item> items) {
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
}
