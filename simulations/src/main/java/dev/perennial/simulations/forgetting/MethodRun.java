package dev.perennial.simulations.forgetting;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.simulations.world.Exchange;
import dev.perennial.trainer.MethodPlans;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Takes methods through sequences of tasks, on one base and by one policy. */
final class MethodRun {
    private final BaseModel base;
    private final General general;
    private final SequenceEncoder encoder;
    private final boolean jointOnce;

    /** @param jointOnce whether joint training learns once, at the last task, and not anew at each */
    MethodRun(BaseModel base, General general, boolean jointOnce) {
        this.jointOnce = jointOnce;
        this.base = base;
        this.general = general;
        this.encoder = new SequenceEncoder(base);
    }

    /**
     * Learns all tasks one after another and asks for all of them after each.
     *
     * @param share of the data seen so far that is kept at most
     * @param updated called after each update
     */
    RunResult run(
            TaskSequence sequence,
            LearningMethod method,
            DomainPolicy policy,
            double share,
            long seed,
            int order,
            Runnable updated) {
        List<List<Question>> asked = new ArrayList<>();
        for (LearningTask task : sequence.tasks()) {
            asked.add(questions(task.asked()));
        }
        try (Learner learner = learner(method, policy, share, seed, asked.size())) {
            List<Double> before = asked.stream().map(learner::accuracy).toList();
            double generalBefore = learner.accuracy(general());
            List<List<Double>> rows = new ArrayList<>();
            double seconds = 0;
            for (int task = 0; task < asked.size(); task++) {
                LearningTask now = sequence.tasks().get(task);
                List<Memory.Lesson> lessons = lessons(now);
                long began = System.nanoTime();
                learner.learn(task, now.name(), lessons);
                seconds += (System.nanoTime() - began) / 1e9;
                rows.add(asked.stream().map(learner::accuracy).toList());
                updated.run();
            }
            Learner.Needs needs = learner.needs();
            return new RunResult(
                    method.toString(),
                    seed,
                    order,
                    new AccuracyMatrix(before, rows),
                    generalBefore,
                    learner.accuracy(general()),
                    needs.bufferShare(),
                    needs.trainedParameters(),
                    needs.storedBytes(),
                    seconds,
                    isLearnedOnce(plan(method, policy)));
        }
    }

    /** A method that has learned nothing yet. */
    Learner learner(LearningMethod method, DomainPolicy policy, double share, long seed, int tasks) {
        List<Item> replayed = general.replayed().stream()
                .map(each -> new Item("general", encode(each)))
                .toList();
        ContinualPlan plan = plan(method, policy);
        int first = isLearnedOnce(plan) ? tasks - 1 : 0;
        Supplier<SharedAdapter> fresh = () -> new SharedAdapter(base, plan, policy, share, replayed, seed, first);
        return method.start() == LearningMethod.Start.ROUTED ? new RoutedAdapters(base, general, fresh) : fresh.get();
    }

    /** Without neighbours a method replays as much, of what is general. */
    private static ContinualPlan plan(LearningMethod method, DomainPolicy policy) {
        return MethodPlans.plan(method, policy.by(method));
    }

    private boolean isLearnedOnce(ContinualPlan plan) {
        return plan.joint() && jointOnce;
    }

    List<Memory.Lesson> lessons(LearningTask task) {
        return task.taught().stream()
                .map(exchange ->
                        new Memory.Lesson(new Item(task.name() + ": " + exchange.prompt(), encode(exchange)), exchange))
                .toList();
    }

    List<Question> questions(List<Exchange> exchanges) {
        return exchanges.stream()
                .map(exchange -> new Question(exchange.prompt(), encode(exchange)))
                .toList();
    }

    /** What the base can do and must go on doing. */
    List<Question> general() {
        return questions(general.measured());
    }

    private Sequence encode(Exchange exchange) {
        return encoder.conversation(
                List.of(new Turn("user", exchange.prompt()), new Turn("assistant", exchange.completion())));
    }
}
