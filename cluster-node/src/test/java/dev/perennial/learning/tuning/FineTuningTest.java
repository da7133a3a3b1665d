package dev.perennial.learning.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.DivergenceException;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LearningRate.Schedule;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import dev.perennial.learning.dataset.EncodedData.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The loop on the tiny reference model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FineTuningTest {
    private static final Path BASE = Path.of("src/test/resources/reference/untied");
    private static final int ROWS = 10;
    private static final int BATCH = 4;
    private static final int STEPS = 9;
    private static final double RATE = 1e-2;
    private static final EncodedData.Report REPORT = new EncodedData.Report(ROWS, ROWS, 0, 0, 1, 1);

    private BaseModel base;

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    void open() {
        base = BaseModel.open(BASE);
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void anInterruptedTrainingEndsWithTheSameBytesForEveryMethod() throws IOException {
        for (EncodedData data : List.of(likely(), pairs(), judgements())) {
            Path whole = directory.resolve("whole");
            Path resumed = directory.resolve("resumed");
            Path checkpoint = directory.resolve("checkpoint-" + data.getClass().getSimpleName());
            FineTuning.Result expected = train(data, RATE, STEPS, Optional.empty(), progress -> {}, whole);
            Consumer<TuningProgress> interruption = progress -> {
                if (progress.phase() == TuningProgress.Phase.TRAINING && progress.step() == 5) {
                    throw new CancellationException();
                }
            };
            assertThrows(
                    CancellationException.class,
                    () -> train(data, RATE, STEPS, Optional.of(checkpoints(checkpoint, "x")), interruption, resumed));
            List<Integer> steps = new ArrayList<>();
            FineTuning.Result actual = train(
                    data,
                    RATE,
                    STEPS,
                    Optional.of(checkpoints(checkpoint, "x")),
                    progress -> {
                        if (progress.phase() == TuningProgress.Phase.TRAINING) {
                            steps.add(progress.step());
                        }
                    },
                    resumed);
            assertEquals(List.of(5, 6, 7, 8, 9), steps);
            assertSameAdapter(whole, resumed);
            assertEquals(expected.tokens(), actual.tokens());
            assertEquals(expected.heldOut(), actual.heldOut());
            assertEquals(expected.firstLoss(), actual.firstLoss());
            assertEquals(expected.finalLoss(), actual.finalLoss());
        }
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefusedByWhatDiffers() {
        Path file = directory.resolve("other");
        train(likely(), RATE, STEPS, Optional.of(checkpoints(file, "x")), progress -> {}, directory.resolve("a"));
        var refused = assertThrows(
                LearningException.class,
                () -> train(
                        likely(),
                        RATE,
                        STEPS,
                        Optional.of(checkpoints(file, "y")),
                        progress -> {},
                        directory.resolve("b")));
        assertEquals(
                "the checkpoint " + file + " is of another training: expected data y; got x", refused.getMessage());
    }

    @Test
    void stopsWhereTheHeldOutPartGetsNoBetterAndGivesTheBest() throws IOException {
        // Losses that a held-out part might have; each look counts.
        double[] losses = {5, 4, 3, 3.5, 3.2, 3.1, 1};
        List<Path> seen = new ArrayList<>();
        ToDoubleFunction<Adapter> heldOut = adapter -> {
            Path copy = directory.resolve("seen-" + seen.size());
            PeftDirectory.write(base, adapter, copy);
            seen.add(copy);
            return losses[seen.size() - 1];
        };
        Path out = directory.resolve("best");
        TuningSettings settings = new TuningSettings(20, RATE, Schedule.CONSTANT, 0, 0, 1, 1, 2, 3);
        FineTuning.Result result =
                run(settings, source(likely()), Optional.of(heldOut), Optional.empty(), progress -> {}, out);
        assertEquals(10, result.steps());
        assertEquals(4, result.bestStep());
        assertEquals(new FineTuning.Evaluation(10, 3.1), result.heldOut().get(5));
        assertSameAdapter(seen.get(2), out);
        assertFalse(same(seen.get(3), out));
    }

    @Test
    void aStepThatIsNotFiniteNamesItsRows() {
        var failure = assertThrows(
                DivergenceException.class,
                () -> train(likely(), 1e30, STEPS, Optional.empty(), progress -> {}, directory.resolve("nan")));
        String message = String.valueOf(failure.getMessage());
        assertTrue(
                message.matches(
                        "training diverged at step 2: .*; the batch was rows \\d+, \\d+, \\d+ and \\d+ of d\\.jsonl"),
                message);
    }

    @Test
    void aLossThatRunsAwayEndsTheTrainingAndNamesTheLastBatch() {
        int[] drawn = {0};
        // A training whose losses are known: the step itself is taken, its loss is said to be another.
        BatchSource honest = source(likely());
        BatchSource rising = () -> {
            TrainingBatch batch = honest.next();
            int step = drawn[0]++;
            return new TrainingBatch() {
                @Override
                public String name() {
                    return "batch " + step;
                }

                @Override
                public Taken learn(LoraTraining training, LoraTraining.Stride stride) {
                    LoraTraining.Step taken = batch.learn(training, stride).step();
                    double loss = step == 0 ? 1 : 100;
                    return new Taken(
                            new LoraTraining.Step(loss, taken.gradientNorm(), taken.tokens(), List.of()),
                            Optional.empty());
                }
            };
        };
        var failure = assertThrows(
                DivergenceException.class,
                () -> run(
                        new TuningSettings(100, RATE, 0),
                        rising,
                        Optional.empty(),
                        Optional.empty(),
                        progress -> {},
                        directory.resolve("away")));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.startsWith("training diverged at step 21: the loss began at 1.000"), message);
        assertTrue(message.endsWith("the batch was batch 20"), message);
    }

    @Test
    void pairsBecomeToldApartAndProgressSaysSo() {
        List<TuningProgress> all = new ArrayList<>();
        train(pairs(), RATE, 60, Optional.empty(), all::add, directory.resolve("dpo"));
        TuningProgress reference = all.get(0);
        assertEquals(TuningProgress.Phase.REFERENCE, reference.phase());
        assertEquals(2 * ROWS, reference.steps());
        TuningProgress last = all.get(all.size() - 1);
        assertEquals(60, last.step());
        assertEquals(60, last.steps());
        assertEquals(0, last.secondsLeft());
        assertTrue(last.tokensPerSecond() > 0);
        assertEquals(1, last.rewards().orElseThrow().accuracy());
        assertTrue(last.rewards().orElseThrow().margin() > 1, String.valueOf(last));
        // Before any step candidate and parent are one: the loss is log 2.
        TuningProgress first = all.stream()
                .filter(one -> one.phase() == TuningProgress.Phase.TRAINING)
                .findFirst()
                .orElseThrow();
        assertEquals(Math.log(2), first.loss(), 1e-5);
        assertEquals(0, first.rewards().orElseThrow().margin(), 1e-5);
        assertTrue(last.heldOutLoss().orElseThrow() < 0.2, String.valueOf(last));
    }

    @Test
    void wantedAnswersGainOnUnwantedOnes() {
        List<TuningProgress> all = new ArrayList<>();
        train(judgements(), RATE, 60, Optional.empty(), all::add, directory.resolve("kto"));
        TuningProgress last = all.get(all.size() - 1);
        assertEquals(OptionalDouble.empty(), all.get(0).heldOutLoss());
        // From one half, which is what an untrained candidate has.
        assertTrue(last.heldOutLoss().orElseThrow() < 0.3, String.valueOf(last));
    }

    private FineTuning.Result train(
            EncodedData data,
            double rate,
            int steps,
            Optional<Checkpoints> checkpoints,
            Consumer<TuningProgress> progress,
            Path out) {
        try (Adapter parent = Adapter.none(base)) {
            // The same rows stand for a held-out part: what is tested is when it is looked at.
            TuningData tuning =
                    TuningData.of(base, parent, named(data), Optional.of(named(data)), 0.3, BATCH, 11, progress);
            assertEquals(3, tuning.stepsAnEpoch());
            TuningSettings settings = new TuningSettings(steps, rate, Schedule.COSINE, 0.1, 0.01, 1, 4, 2, 0);
            return run(settings, tuning.source(), tuning.heldOut(), checkpoints, progress, out);
        }
    }

    private FineTuning.Result run(
            TuningSettings settings,
            BatchSource source,
            Optional<ToDoubleFunction<Adapter>> heldOut,
            Optional<Checkpoints> checkpoints,
            Consumer<TuningProgress> progress,
            Path out) {
        LoraSettings shape = new LoraSettings(4, 8, 0.1, List.of("all-linear"));
        try (Adapter none = Adapter.none(base);
                Adapter fresh = Adapter.fresh(base, shape, 1);
                LoraTraining training = new LoraTraining(base, fresh, none, LoraTraining.Objective.PLAIN, 7)) {
            FineTuning.Result result = new FineTuning(settings, source, heldOut, checkpoints, progress).run(training);
            try (Adapter trained = training.finish()) {
                PeftDirectory.write(base, trained, out);
            }
            return result;
        }
    }

    private BatchSource source(EncodedData data) {
        try (Adapter parent = Adapter.none(base)) {
            return TuningData.of(base, parent, named(data), Optional.empty(), 0.1, BATCH, 11, progress -> {})
                    .source();
        }
    }

    private static Checkpoints checkpoints(Path file, String data) {
        return new Checkpoints(file, 2, Map.of("data", data));
    }

    private static NamedData named(EncodedData data) {
        return new NamedData(
                data, "d.jsonl", IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    private static List<Integer> origins() {
        return IntStream.range(0, ROWS).boxed().toList();
    }

    private static EncodedData likely() {
        List<Sequence> all =
                IntStream.range(0, ROWS).mapToObj(i -> sequence(i, i)).toList();
        long learned = all.stream().mapToInt(Sequence::learned).sum();
        return new EncodedData.Sequences(all, origins(), new EncodedData.Report(ROWS, ROWS, 0, 0, 1, learned));
    }

    private static EncodedData pairs() {
        return new EncodedData.Pairs(
                IntStream.range(0, ROWS)
                        .mapToObj(i -> new Pair(sequence(i, i), sequence(i, 100 + i)))
                        .toList(),
                origins(),
                REPORT);
    }

    private static EncodedData judgements() {
        return new EncodedData.Judgements(
                IntStream.range(0, ROWS)
                        .mapToObj(i -> new Judgement(sequence(i, i), i % 2 == 0))
                        .toList(),
                origins(),
                REPORT);
    }

    private static Sequence sequence(int prompt, int answer) {
        int[] read = new SplittableRandom(prompt).ints(3 + prompt, 3, 264).toArray();
        int[] learned =
                new SplittableRandom(answer).ints(4 + answer % 3, 3, 264).toArray();
        int[] ids = Arrays.copyOf(read, read.length + learned.length);
        System.arraycopy(learned, 0, ids, read.length, learned.length);
        return new Sequence(ids, read.length, true);
    }

    private static void assertSameAdapter(Path expected, Path actual) throws IOException {
        assertTrue(same(expected, actual), "the adapters in " + expected + " and " + actual + " differ");
    }

    private static boolean same(Path first, Path second) throws IOException {
        String weights = "adapter_model.safetensors";
        return Files.mismatch(first.resolve(weights), second.resolve(weights)) == -1;
    }
}
