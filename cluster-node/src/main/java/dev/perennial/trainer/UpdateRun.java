package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.TorchEngine;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.ContinualUpdate;
import dev.perennial.learning.continual.ContinualUpdate.Learned;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.learning.continual.UpdateSet;
import dev.perennial.learning.dataset.EncodedData.Choice;
import dev.perennial.learning.tuning.Checkpoints;
import dev.perennial.learning.tuning.ChoiceSuite;
import dev.perennial.learning.tuning.TuningProgress;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
        Outcome resumedAt(Optional<Integer> step) {
            return new Outcome(learned, manifest.withResumedAt(step), evaluation, measurements);
        }

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
     * @param parentFisher what the parent's own update left for the next, or an ancestor's
     * @param checkpoints from which training goes on, and which it leaves; the outcome is the same
     * @throws CancellationException where it was cancelled between two steps
     */
    Outcome run(
            UpdateData data,
            Optional<Adapter> parent,
            Optional<Fisher> parentFisher,
            Optional<Checkpoints> checkpoints) {
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
                                items(data.heldOut()),
                                new UpdateSet.Choices(choices(data.train()), choices(data.replay()))),
                        assignment.seed(),
                        now -> progress.accept(new Progress(
                                now.phase() == TuningProgress.Phase.REFERENCE ? "selecting" : "training",
                                now.step(),
                                now.steps(),
                                now.loss(),
                                now.tokensPerSecond(),
                                now.secondsLeft())),
                        cancelled,
                        checkpoints);
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

    /** As the other, without checkpoints. */
    Outcome run(UpdateData data, Optional<Adapter> parent, Optional<Fisher> parentFisher) {
        return run(data, parent, parentFisher, Optional.empty());
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
                        "neighbours",
                        learned.counts().neighbours(),
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
                        plan.orthogonality(),
                        Optional.of(TrainingIdentity.general(general)))),
                learned.setAside().outliers(),
                Optional.of(environment()),
                Optional.empty());
    }

    private Manifest.Environment environment() {
        String version = UpdateRun.class.getPackage().getImplementationVersion();
        return new Manifest.Environment(
                base.device(),
                TorchEngine.threads(),
                TorchEngine.version(),
                Objects.requireNonNullElse(version, "not packaged"));
    }

    private Evaluation evaluate(UpdateData data, Learned learned, Adapter before) {
        Adapter after = learned.adapter();
        // Of two answers that contradict each other, neither judges.
        Examination heldOut =
                examination(before, without(data.heldOut(), learned.setAside().ids()));
        Examination retained = examination(before, data.retained());
        Examination measured =
                new Examination(base, general.measured(), new ChoiceSuite(base, beta(), before, List.of()));
        return new Evaluation(
                score(heldOut, before),
                score(heldOut, after),
                score(retained, before),
                score(retained, after),
                score(measured, before),
                score(measured, after));
    }

    private Examination examination(Adapter before, List<UpdateData.Item> items) {
        List<Choice> choices =
                choices(items).stream().map(UpdateSet.Chosen::choice).toList();
        return new Examination(base, sequences(items), new ChoiceSuite(base, beta(), before, choices));
    }

    private double beta() {
        return MethodPlans.beta(assignment.policy().training());
    }

    private Score score(Examination suite, Adapter adapter) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the update was cancelled while it was evaluated");
        }
        return suite.score(adapter);
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

    private List<UpdateSet.Chosen> choices(List<UpdateData.Item> items) {
        List<UpdateSet.Chosen> choices = new ArrayList<>();
        for (UpdateData.Item item : items) {
            if (item.isChoice()) {
                encoded(item, () -> item.choice(encoder))
                        .ifPresent(choice -> choices.add(new UpdateSet.Chosen(item.id(), choice)));
            }
        }
        return choices;
    }

    /** One example that does not fit the context must not stop a domain from learning the others: it is counted instead. */
    private <T> Optional<T> encoded(UpdateData.Item item, Supplier<T> encoding) {
        try {
            return Optional.of(encoding.get());
        } catch (LearningException tooLong) {
            skipped.add(item.id());
            return Optional.empty();
        }
    }

    private List<Sequence> encode(UpdateData.Item item) {
        return encoded(item, () -> item.encode(encoder)).orElse(List.of());
    }
}
