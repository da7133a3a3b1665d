package dev.perennial.simulations.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.ModelShape;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.simulations.bench.RandomCheckpoint.Precision;
import dev.perennial.simulations.bench.TrainingRun.Checkpointing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomCheckpointTest {
    private static final ModelShape SHAPE = ModelShape.llama(600, 16, 32, 2, 2, 1, 8, 1e-5, 10_000, 64, false);

    @Test
    void opensInBothPrecisionsAndScoresLikeChance(@TempDir Path directory) throws IOException {
        List<Sequence> batch = RandomBatch.of(SHAPE.vocabulary(), 2, 10, 0.5, 3);
        for (Precision precision : Precision.values()) {
            Path model = directory.resolve(precision.name());
            RandomCheckpoint.write(SHAPE, precision, 7, model);
            try (BaseModel base = BaseModel.open(model);
                    Adapter none = Adapter.none(base)) {
                assertEquals(SHAPE, base.shape());
                double nats = -Scoring.score(base, none, batch).stream()
                                .mapToDouble(Scoring.Result::logProbability)
                                .sum()
                        / 10;
                assertEquals(Math.log(SHAPE.vocabulary()), nats, 0.1, precision.name());
                int[] tokens = base.tokenizer().encode("abc é");
                assertEquals("abc é", base.tokenizer().decode(tokens));
            }
        }
    }

    @Test
    void followsFromItsSeed(@TempDir Path directory) throws IOException {
        List<Path> files = List.of(directory.resolve("a"), directory.resolve("b"), directory.resolve("c"));
        for (int i = 0; i < 3; i++) {
            RandomCheckpoint.write(SHAPE, Precision.F32, i < 2 ? 7 : 8, files.get(i));
        }
        List<Path> weights =
                files.stream().map(file -> file.resolve("model.safetensors")).toList();
        assertEquals(-1, Files.mismatch(weights.get(0), weights.get(1)));
        assertNotEquals(-1, Files.mismatch(weights.get(0), weights.get(2)));
    }

    @Test
    void isTrainedAndDecodedToTheLastToken(@TempDir Path directory) throws IOException {
        RandomCheckpoint.write(SHAPE, Precision.F32, 7, directory);
        List<Sequence> batch = RandomBatch.of(SHAPE.vocabulary(), 2, 10, 0.5, 3);
        TrainingRun.Options options = new TrainingRun.Options(4, 0.02, Checkpointing.OFF, OptionalLong.empty(), 5);
        try (BaseModel base = BaseModel.open(directory)) {
            try (TrainingRun run = new TrainingRun(base, options)) {
                double first = run.step(batch);
                run.step(batch);
                double third = run.step(batch);
                assertTrue(third < first - 0.01, first + " to " + third);
            }
            LoraSettings settings = new LoraSettings(2, 4, 0, List.of("all-linear"));
            try (Adapter one = Adapter.fresh(base, settings, 1);
                    Adapter other = Adapter.fresh(base, settings, 2);
                    DecodingRun run = new DecodingRun(
                            base, List.of(one, other), batch.get(0).ids(), 9, 3)) {
                assertEquals(2 * 8, run.write());
            }
        }
    }

    @Test
    void learnsTheEndOfEachRow() {
        Sequence row = RandomBatch.of(SHAPE.vocabulary(), 1, 8, 0.25, 1).get(0);
        assertArrayEquals(new boolean[] {false, false, false, false, false, false, true, true}, row.mask());
    }
}
