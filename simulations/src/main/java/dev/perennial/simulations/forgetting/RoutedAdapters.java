package dev.perennial.simulations.forgetting;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.continual.Router;
import dev.perennial.simulations.world.Exchange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * An adapter a task, each a domain of its own, and the product's router to choose among them by the prompt alone. What is none of
 * theirs goes to the bare base, which the router knows by the base's general prompts.
 */
final class RoutedAdapters implements Learner {
    private static final String BASE = "";

    private final BaseModel base;
    private final Supplier<SharedAdapter> fresh;
    private final Router router = new Router();
    private final Map<String, SharedAdapter> domains = new LinkedHashMap<>();

    /** @param fresh makes a domain's adapter, which has learned nothing yet */
    RoutedAdapters(BaseModel base, General general, Supplier<SharedAdapter> fresh) {
        this.base = base;
        this.fresh = fresh;
        general.replayed().stream().map(Exchange::prompt).forEach(prompt -> router.learn(BASE, prompt));
    }

    @Override
    public void learn(int task, String name, List<Memory.Lesson> lessons) {
        domains.computeIfAbsent(name, each -> fresh.get()).learn(task, name, lessons);
        lessons.forEach(lesson -> router.learn(name, lesson.exchange().prompt()));
    }

    @Override
    public double accuracy(List<Question> questions) {
        Map<String, List<Question>> routed = new LinkedHashMap<>();
        for (Question question : questions) {
            routed.computeIfAbsent(router.route(question.prompt()).orElse(BASE), name -> new ArrayList<>())
                    .add(question);
        }
        double right = 0;
        for (Map.Entry<String, List<Question>> each : routed.entrySet()) {
            SharedAdapter domain = domains.get(each.getKey());
            right += each.getValue().size()
                    * (domain == null ? ofBase(each.getValue()) : domain.accuracy(each.getValue()));
        }
        return questions.isEmpty() ? 0 : right / questions.size();
    }

    private double ofBase(List<Question> questions) {
        try (Adapter none = Adapter.none(base)) {
            return Scores.accuracy(base, none, questions);
        }
    }

    @Override
    public Needs needs() {
        List<Needs> all = domains.values().stream().map(SharedAdapter::needs).toList();
        return new Needs(
                all.stream().mapToDouble(Needs::bufferShare).max().orElse(0),
                all.stream().mapToLong(Needs::trainedParameters).max().orElse(0),
                all.stream().mapToLong(Needs::adapterBytes).sum(),
                all.stream().mapToLong(Needs::fisherBytes).sum(),
                all.stream().mapToLong(Needs::textBytes).sum());
    }

    @Override
    public void close() {
        domains.values().forEach(SharedAdapter::close);
    }
}
