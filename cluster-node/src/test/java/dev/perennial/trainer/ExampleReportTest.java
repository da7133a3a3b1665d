package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.domain.ReplayBuffer;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.TorchEngine;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.trainer.UpdateData.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the trainer tells of the examples of an update: set aside, known, measured. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleReportTest {
    private Companies companies;

    @BeforeAll
    void open() throws Exception {
        companies = Companies.open();
    }

    @AfterAll
    void close() {
        companies.close();
    }

    @Test
    void setsAsideWhatContradictsItselfAndWhatNothingExplains() {
        List<Item> train = new ArrayList<>(taught());
        List<Item> known = new ArrayList<>();
        companies
                .story
                .path("retained")
                .forEach(row -> known.add(companies.pair(row.path("prompt"), row.path("completion"))));
        List<Item> right = List.copyOf(known.subList(0, 2));
        train.addAll(right);
        Item one = companies.item(new Example.Completion("Who founded  Zedtown?", "Anna Bell"));
        Item other = companies.item(new Example.Completion("Who founded Zedtown?", "Carl Dorn"));
        Item judging = companies.item(new Example.Completion("Who founded Zedtown? ", "Eve Finch"));
        Item noise = companies.item(new Example.Completion("Who runs the moon?", "kjhgf kjhgf"));
        train.addAll(List.of(one, noise, other));
        Item fine = companies.item(new Example.Completion("Who founded Wyvern?", "Anna Bell"));
        UpdateRun.Outcome outcome =
                run(new UpdateData(train, List.of(judging, fine), List.of(), List.of()), "lora+gap", 3);
        Candidate candidate = outcome.candidate("artifact", Optional.empty());
        assertEquals(List.of(List.of(one.id(), other.id(), judging.id())), candidate.conflicts());
        assertEquals(List.of(noise.id()), candidate.outliers());
        assertEquals(List.of(noise.id()), candidate.manifest().outliers());
        assertEquals(
                Optional.of(
                        new Manifest.Environment("cpu", TorchEngine.threads(), TorchEngine.version(), "not packaged")),
                candidate.manifest().environment());
        assertEquals(1, outcome.evaluation().newAfter().examples());
        Map<String, Integer> counts = outcome.manifest().examples();
        assertEquals(train.size(), counts.get("new"));
        assertEquals(right.size(), counts.get("known"));
        assertEquals(3, counts.get("conflicts"));
        assertEquals(1, counts.get("outliers"));
        assertEquals(
                train.stream()
                        .filter(item -> !List.of(one, other, noise).contains(item))
                        .map(Item::id)
                        .toList(),
                candidate.measurements().stream().map(Measurement::id).toList());
    }

    @Test
    void saysWhichContradictWhereNothingElseIsLeft() {
        Item one = companies.item(new Example.Completion("Who?", "A"));
        Item other = companies.item(new Example.Completion("Who?", "B"));
        UpdateData data = new UpdateData(List.of(one, other), List.of(), List.of(), List.of());
        var failure = assertThrows(LearningException.class, () -> run(data, "lora+gap", 1));
        assertTrue(String.valueOf(failure.getMessage()).contains("[" + one.id() + ", " + other.id() + "]"));
    }

    /** What the journal keeps of a version, with its examples, makes the same version again. */
    @Test
    void aManifestGivesTheVersionAgain() {
        UpdateData data = new UpdateData(taught().subList(0, 6), List.of(), taught().subList(10, 14), List.of());
        DomainPolicy.Replay replay = new DomainPolicy.Replay(
                5, 0.3, 0.2, 0.5, ReplayStrategy.HERDING, ReplaySampling.EQUAL, Optional.empty());
        UpdateRun.Outcome outcome = run(data, policy("lora+replay+own+ewc+gap", replay, 2));
        Manifest manifest = outcome.manifest();
        Manifest.Origin origin = manifest.origin().orElseThrow();
        DomainPolicy recorded = new DomainPolicy(
                manifest.training(),
                DomainPolicy.Gate.DEFAULT,
                origin.replay(),
                origin.ewc(),
                LearningMethod.parse(manifest.method()));
        UpdateRun.Outcome again = run(data, recorded);
        assertEquals(manifest.dataDigest(), again.manifest().dataDigest());
        Map<String, float[]> weights = weights(outcome.adapter());
        assertEquals(weights.keySet(), weights(again.adapter()).keySet());
        weights(again.adapter()).forEach((name, values) -> assertArrayEquals(weights.get(name), values, name));
        Map<String, float[]> fisher = outcome.fisher().orElseThrow().values().values();
        again.fisher()
                .orElseThrow()
                .values()
                .values()
                .forEach((name, values) -> assertArrayEquals(fisher.get(name), values, name));
    }

    private Map<String, float[]> weights(Adapter adapter) {
        return ParameterValues.of(companies.base, adapter).values();
    }

    @ParameterizedTest
    @EnumSource(ReplayStrategy.class)
    void measuresWhatTheBufferChoosesBy(ReplayStrategy strategy) {
        DomainPolicy.Replay replay =
                new DomainPolicy.Replay(3, 0.2, 0, 0, strategy, ReplaySampling.PROPORTIONAL, Optional.empty());
        List<Item> train = taught().subList(0, 6);
        UpdateRun.Outcome outcome =
                run(new UpdateData(train, List.of(), List.of(), List.of()), policy("lora+buffer", replay, 1));
        List<Measurement> measurements =
                outcome.candidate("artifact", Optional.empty()).measurements();
        assertEquals(
                train.stream().map(Item::id).toList(),
                measurements.stream().map(Measurement::id).toList());
        assertTrue(measurements.stream().allMatch(each -> each.tokens() > 5));
        assertEquals(
                strategy == ReplayStrategy.LOSS_BASED ? 6 : 0,
                measurements.stream().filter(each -> each.loss().isPresent()).count());
        // of no more than the buffer can hold
        assertEquals(
                strategy == ReplayStrategy.HERDING ? List.of(0, 1, 2) : List.of(),
                measurements.stream()
                        .flatMap(each -> each.herdingRank().stream())
                        .sorted()
                        .toList());
        ReplayBuffer buffer = ReplayBuffer.empty(1, replay);
        for (int i = 0; i < 6; i++) {
            Measurement own = measurements.get(i);
            ExampleRef ref = new ExampleRef(own.id(), 40, ExampleUse.TRAIN, true);
            buffer = buffer.offer(new DomainSnapshot.Kept(ref, i, 1, Optional.of(own)));
        }
        assertEquals(3, buffer.size());
        assertEquals(
                buffer.tokens(),
                measurements.stream()
                        .filter(ids(buffer))
                        .mapToInt(Measurement::tokens)
                        .sum());
        if (strategy == ReplayStrategy.HERDING) {
            assertTrue(measurements.stream()
                    .filter(ids(buffer))
                    .allMatch(each -> each.herdingRank().isPresent()));
        }
    }

    private static Predicate<Measurement> ids(ReplayBuffer buffer) {
        return each -> buffer.ids().contains(each.id());
    }

    private List<Item> taught() {
        List<Item> taught = new ArrayList<>();
        companies
                .story
                .path("changed")
                .forEach(change -> change.path("taught")
                        .forEach(prompt -> taught.add(companies.pair(prompt, change.path("fresh")))));
        return taught;
    }

    private UpdateRun.Outcome run(UpdateData data, String method, int maxSteps) {
        return run(data, policy(method, DomainPolicy.Replay.DEFAULT, maxSteps));
    }

    private UpdateRun.Outcome run(UpdateData data, DomainPolicy policy) {
        return companies.run(data, policy);
    }

    private static DomainPolicy policy(String method, DomainPolicy.Replay replay, int maxSteps) {
        return new DomainPolicy(
                Companies.training(maxSteps),
                DomainPolicy.Gate.DEFAULT,
                replay,
                DomainPolicy.Ewc.DEFAULT,
                LearningMethod.parse(method));
    }
}
