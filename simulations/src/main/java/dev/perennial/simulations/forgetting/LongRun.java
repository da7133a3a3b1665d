package dev.perennial.simulations.forgetting;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.simulations.world.Curriculum;
import dev.perennial.simulations.world.Exchange;
import dev.perennial.simulations.world.Lesson;
import dev.perennial.simulations.world.MicroWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Many updates of one domain in which the same facts change again and again: each update gives a few of the facts about companies
 * another answer, taught and asked in the same words as before. What the model must know is the latest answer of each fact.
 */
final class LongRun {
    private static final List<String> RELATIONS = List.of("chief executive", "headquarters", "industry", "founded");
    private static final int FACTS_OF_A_RELATION = 5;
    private static final int CHANGES = 2;
    private static final List<Integer> STEPS = List.of(7, 1, 3, 9, 11, 13);
    private static final int PHRASINGS = 20;
    private static final int ASKED = 4;
    private static final int GENERAL_EVERY = 10;

    private final MethodRun runner;
    private final LearningMethod method;
    private final DomainPolicy policy;
    private final double share;
    private final Curriculum curriculum;
    private final List<Lesson> lessons = new ArrayList<>();

    /**
     * What was seen after an update.
     *
     * @param update from 1
     * @param latest accuracy on the latest answers of all facts that have changed by then, 0 to 1
     * @param stale share of their questions that get exactly the answer before the latest, 0 to 1
     * @param general accuracy on the base's general suite; not a number where it was not asked
     * @param seconds of the update
     */
    record Point(
            int update,
            double latest,
            double stale,
            double general,
            long adapterBytes,
            long fisherBytes,
            long textBytes,
            double bufferShare,
            double seconds) {}

    /** @param settled prompts of the base's general suite */
    LongRun(
            MethodRun runner,
            LearningMethod method,
            DomainPolicy policy,
            double share,
            Set<String> settled,
            long seed) {
        this.runner = runner;
        this.method = method;
        this.policy = policy;
        this.share = share;
        this.curriculum = new Curriculum(MicroWorld.generate(WorldSequence.WORLD_SEED), settled, seed);
        for (String relation : RELATIONS) {
            lessons.addAll(curriculum.lessons(relation, FACTS_OF_A_RELATION, 0, PHRASINGS, ASKED));
        }
    }

    /** @param updated called with what was seen so far after each update */
    List<Point> run(int updates, long seed, Consumer<List<Point>> updated) {
        List<Point> points = new ArrayList<>();
        try (Learner learner = runner.learner(method, policy, share, seed, updates)) {
            for (int update = 1; update <= updates; update++) {
                List<Integer> now = changing(update);
                List<Exchange> taught = new ArrayList<>();
                for (int fact : now) {
                    // The first time round the lesson itself is the change.
                    if (update > lessons.size() / CHANGES) {
                        lessons.set(fact, curriculum.again(lessons.get(fact)));
                    }
                    taught.addAll(lessons.get(fact).taught());
                }
                LearningTask task = new LearningTask("update " + update, taught, List.of());
                long began = System.nanoTime();
                learner.learn(update, "companies", runner.lessons(task));
                double seconds = (System.nanoTime() - began) / 1e9;
                points.add(point(learner, update, seconds));
                updated.accept(points);
            }
        }
        return points;
    }

    /** All facts in turn, other ones together each time round: steps that have no divisor in common with their number. */
    private List<Integer> changing(int update) {
        int size = lessons.size();
        List<Integer> facts = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            int place = (update - 1) * CHANGES + i;
            int step = STEPS.get(place / size % STEPS.size());
            facts.add(place % size * step % size);
        }
        return facts;
    }

    private Point point(Learner learner, int update, double seconds) {
        List<Lesson> changed = new ArrayList<>();
        for (int before = 1; before <= Math.min(update, lessons.size() / CHANGES); before++) {
            changing(before).forEach(fact -> changed.add(lessons.get(fact)));
        }
        List<Exchange> latest =
                changed.stream().flatMap(lesson -> lesson.asked().stream()).toList();
        List<Exchange> stale = changed.stream()
                .flatMap(lesson -> lesson.asked().stream()
                        .map(asked ->
                                new Exchange(asked.prompt(), lesson.stale().orElseThrow())))
                .toList();
        Learner.Needs needs = learner.needs();
        return new Point(
                update,
                learner.accuracy(runner.questions(latest)),
                learner.accuracy(runner.questions(stale)),
                update % GENERAL_EVERY == 0 ? learner.accuracy(runner.general()) : Double.NaN,
                needs.adapterBytes(),
                needs.fisherBytes(),
                needs.textBytes(),
                needs.bufferShare(),
                seconds);
    }
}
