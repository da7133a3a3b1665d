package dev.perennial.learning.continual;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.LoraTraining.Constraints;
import dev.perennial.learning.LoraTraining.Objective;
import dev.perennial.learning.MemoryPlan;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.Sequence;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Elastic weight consolidation and replay with distillation as plain PyTorch computes them; see {@code make_continual.py}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContinualParityTest {
    /** Of losses of about 7 nats, gradient norms and penalties of about 1. */
    private static final double CURVE = 1e-4;
    /** Of the distance that all parameters together have moved. */
    private static final double MOVED = 1e-4;
    /** Of the norm of the Fisher. */
    private static final double FISHER = 1e-4;

    private Parity parity;
    private List<Sequence> earlier;
    private List<Sequence> fresh;

    @BeforeAll
    void open() throws IOException {
        parity = new Parity();
        earlier = parity.sequences("earlier");
        fresh = parity.sequences("fresh");
    }

    @AfterAll
    void close() {
        parity.close();
    }

    @Test
    void fisherIsTheMeanOfSquaredGradientsOfSingleSequences() {
        compareFisher("fisher", Fisher.estimate(parity.base, parity.start, earlier, () -> {}));
    }

    @Test
    void elasticStepsGoWhereTheReferenceGoes() {
        JsonNode settings = parity.values.path("ewc");
        Fisher fisher = new Fisher(parity.expected("fisher"));
        try (ElasticPenalty penalty = new ElasticPenalty(
                        parity.base,
                        parity.start,
                        fisher,
                        settings.path("lambda").asDouble());
                LoraTraining training = training(Objective.PLAIN, new Constraints(List.of(penalty), List.of()))) {
            double loss = 0;
            double norm = 0;
            for (int step = 0; step < settings.path("batches").size(); step++) {
                LoraTraining.Step taken = training.step(
                        Parity.chosen(fresh, settings.path("batches").path(step)),
                        List.of(),
                        settings.path("rate").asDouble(),
                        settings.path("weight_decay").asDouble());
                loss = Math.max(loss, off(taken.loss(), settings.path("losses").path(step)));
                norm = Math.max(
                        norm, off(taken.gradientNorm(), settings.path("norms").path(step)));
            }
            Parity.within("elastic losses", loss, CURVE);
            Parity.within("elastic gradient norms", norm, CURVE);
            compare("ewc", training.current());
            Fisher own = Fisher.estimate(parity.base, training.current(), fresh, () -> {});
            compareFisher("online", fisher.then(own, settings.path("decay").asDouble()));
        }
    }

    @Test
    void replayedStepsGoWhereTheReferenceGoes() {
        JsonNode settings = parity.values.path("replay");
        double weight = settings.path("weight").asDouble();
        Objective objective = new Objective(1, weight, weight);
        try (LoraTraining training = training(objective, Constraints.NONE)) {
            double loss = 0;
            double norm = 0;
            for (int step = 0; step < settings.path("batches").size(); step++) {
                JsonNode batch = settings.path("batches").path(step);
                LoraTraining.Step taken = training.step(
                        Parity.chosen(fresh, batch.path(0)),
                        Parity.chosen(earlier, batch.path(1)),
                        settings.path("rate").asDouble(),
                        settings.path("weight_decay").asDouble());
                loss = Math.max(loss, off(taken.loss(), settings.path("losses").path(step)));
                norm = Math.max(
                        norm, off(taken.gradientNorm(), settings.path("norms").path(step)));
            }
            Parity.within("replay losses", loss, CURVE);
            Parity.within("replay gradient norms", norm, CURVE);
            compare("replay", training.current());
        }
    }

    private LoraTraining training(Objective objective, Constraints constraints) {
        return new LoraTraining(
                parity.base, parity.start, parity.start, objective, constraints, 0, MemoryPlan.automatic(parity.base));
    }

    private static double off(double actual, JsonNode expected) {
        return Math.abs(actual - expected.asDouble());
    }

    private void compare(String name, Adapter trained) {
        Parity.within(
                name + " adapter",
                Parity.distance(parity.expected(name), parity.of(trained), parity.of(parity.start)),
                MOVED);
    }

    private void compareFisher(String name, Fisher actual) {
        ParameterValues expected = parity.expected(name);
        Parity.within(name, Parity.distance(expected, actual.values(), expected.map(value -> 0)), FISHER);
    }
}
