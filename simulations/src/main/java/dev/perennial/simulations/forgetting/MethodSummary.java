package dev.perennial.simulations.forgetting;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** All runs of one method. */
record MethodSummary(String name, List<RunResult> runs) {
    MethodSummary {
        runs = List.copyOf(runs);
    }

    /** In the order of the first run of each. */
    static List<MethodSummary> of(List<RunResult> results) {
        Map<String, List<RunResult>> byMethod = new LinkedHashMap<>();
        results.forEach(each -> byMethod.computeIfAbsent(each.method(), name -> new ArrayList<>())
                .add(each));
        return byMethod.entrySet().stream()
                .map(entry -> new MethodSummary(entry.getKey(), entry.getValue()))
                .toList();
    }

    Spread over(Function<RunResult, Double> figure) {
        return Spread.of(runs.stream().map(figure).toList());
    }

    /** Whether nothing was learned before the last task, so that there is no transfer and no forgetting to be measured. */
    boolean learnedOnce() {
        return runs.stream().anyMatch(RunResult::learnedOnce);
    }

    Spread averageAccuracy() {
        return over(run -> run.matrix().averageAccuracy());
    }

    /** [tasks] by place in the sequence, mean over the runs. */
    List<Double> before() {
        return IntStream.range(0, tasks())
                .mapToObj(j -> over(run -> run.matrix().before().get(j)).mean())
                .toList();
    }

    /** [tasks][tasks] by place in the sequence, mean over the runs. */
    List<List<Double>> matrix() {
        return IntStream.range(0, tasks())
                .mapToObj(i -> IntStream.range(0, tasks())
                        .mapToObj(j ->
                                over(run -> run.matrix().after().get(i).get(j)).mean())
                        .toList())
                .toList();
    }

    private int tasks() {
        return runs.get(0).matrix().tasks();
    }
}
