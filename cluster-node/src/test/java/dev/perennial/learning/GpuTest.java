package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine on a CUDA device, against the same on the processor; skipped where there is none. */
class GpuTest {
    /** A bfloat16 keeps 8 bits: of logits of up to about 10. */
    private static final double LOGITS = 0.25;

    private static final double LOSS = 0.05;

    @Test
    void theProcessorIsAlwaysThereAndWhatIsNotThereIsNamed() {
        assertEquals(Device.cpu(), TorchEngine.device("cpu"));
        assertTrue(References.message(assertThrows(LearningException.class, () -> TorchEngine.device("tpu")))
                .contains("expected auto, cpu or cuda:0"));
        assertTrue(References.message(assertThrows(LearningException.class, () -> TorchEngine.device("cuda:99")))
                .contains("no device cuda:99"));
    }

    @Test
    void logitsAndGreedyTextAreNearThoseOfTheProcessor() throws IOException {
        Device gpu = gpu();
        int[] row = References.batch().get(2).ids();
        try (BaseModel expected = BaseModel.open(References.UNTIED);
                BaseModel base = BaseModel.open(References.UNTIED, gpu);
                Adapter adapter = PeftDirectory.read(expected, References.ADAPTER);
                Adapter same = PeftDirectory.read(base, References.ADAPTER)) {
            assertEquals(DataType.BFLOAT16, base.dataType());
            assertEquals(DataType.FLOAT32, same.trainable().get(0).getDataType());
            double off = References.difference(
                    References.logits(expected, adapter, row), References.logits(base, same, row));
            assertTrue(off <= LOGITS, "off by " + off);
            int[] written = References.write(base, same, row, new Decoder.Settings(8, 0, 1, 0), 3);
            assertTrue(written.length > 0);
        }
    }

    @Test
    void trainingFollowsTheLossOfTheProcessorAlsoWhereMemoryRunsOut() throws IOException {
        Device gpu = gpu();
        try (BaseModel base = BaseModel.open(References.UNTIED, gpu);
                Adapter start = PeftDirectory.read(base, References.ADAPTER);
                NDManager ballast = NDManager.newBaseManager(gpu)) {
            List<Double> losses = losses(base, start);
            assertEquals(References.values().path("losses").get(0).asDouble(), losses.get(0), LOSS);
            assertEquals(References.values().path("losses").get(4).asDouble(), losses.get(4), LOSS);
            // Nearly all memory taken: the step must find a micro-batch that still fits.
            long free = DeviceMemory.free(gpu);
            ballast.zeros(new Shape(Math.max(1, (free - (96L << 20)) / 4)));
            List<Double> cramped = losses(base, start);
            for (int i = 0; i < losses.size(); i++) {
                assertEquals(losses.get(i), cramped.get(i), LOSS);
            }
        }
    }

    private static List<Double> losses(BaseModel base, Adapter start) throws IOException {
        List<Double> losses = new java.util.ArrayList<>();
        try (LoraTraining training =
                new LoraTraining(base, start, start, LoraTraining.Objective.PLAIN, 0, MemoryPlan.keepingAll(base))) {
            for (int i = 0; i < 5; i++) {
                losses.add(
                        training.step(References.batch(), List.of(), 1e-2, 0.01).loss());
            }
            training.finish().close();
        }
        return losses;
    }

    private static Device gpu() {
        TorchEngine.load();
        assumeTrue(
                Engine.getInstance().getGpuCount() > 0,
                "skipped: there is no CUDA device here, or no CUDA build of libtorch");
        return Device.gpu(0);
    }
}
