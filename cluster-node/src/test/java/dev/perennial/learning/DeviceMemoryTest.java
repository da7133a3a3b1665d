package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is done where memory runs out. */
class DeviceMemoryTest {
    @Test
    void tellsWantOfMemoryFromOtherFailures() {
        assertTrue(DeviceMemory.ranOut(full()));
        assertTrue(DeviceMemory.ranOut(new EngineException("DefaultCPUAllocator: can't allocate memory: you tried")));
        assertTrue(DeviceMemory.ranOut(new EngineException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling")));
        assertTrue(DeviceMemory.ranOut(new OutOfMemoryError("Java heap space")));
        assertTrue(!DeviceMemory.ranOut(new EngineException("shapes cannot be multiplied")));
        assertTrue(DeviceMemory.free(Device.cpu()) <= DeviceMemory.total(Device.cpu()));
    }

    @Test
    void whatDoesNotFitIsDoneInHalves() {
        List<List<Integer>> done = new ArrayList<>();
        DeviceMemory.inPieces(List.of(1, 2, 3, 4, 5), piece -> {
            if (piece.size() > 2) {
                throw full();
            }
            done.add(List.copyOf(piece));
        });
        assertEquals(List.of(List.of(1, 2), List.of(3), List.of(4, 5)), done);
        List<Integer> one = List.of(1);
        assertThrows(
                EngineException.class,
                () -> DeviceMemory.inPieces(one, piece -> {
                    throw full();
                }));
        List<Integer> tried = new ArrayList<>();
        List<Integer> four = List.of(1, 2, 3, 4);
        assertThrows(
                EngineException.class,
                () -> DeviceMemory.inPieces(four, piece -> {
                    tried.add(piece.size());
                    throw new EngineException("shapes cannot be multiplied");
                }));
        assertEquals(List.of(4), tried);
    }

    /** As where a device is nearly full: the first micro-batches fit, a later one does not. */
    @Test
    void aStepThatDoesNotFitBeginsAgainInSmallerPieces() throws IOException {
        try (BaseModel base = BaseModel.open(References.UNTIED);
                Adapter start = PeftDirectory.read(base, References.ADAPTER);
                Adapter none = Adapter.none(base);
                NDManager manager = base.scope()) {
            LoraGradients gradients = new LoraGradients(
                    manager, base, start, 0, none, none, LoraTraining.Objective.PLAIN, 0, MemoryPlan.keepingAll(base));
            LoraGradients.Work all = gradients.work(new LossTerm.Likelihood(1, References.batch(), List.of()));
            List<float[]> expected = gradients.values(all);
            Failing cramped = new Failing(all, 20);
            assertEquals(expected.get(0)[0], gradients.accumulate(cramped, 0).loss(), 1e-5);
            assertTrue(cramped.refused > 0, "a piece must not have fitted");
            assertTrue(
                    gradients.plan().microTokens() < 1 << 14, gradients.plan().toString());
            int tensor = 1;
            for (var array : gradients.arrays()) {
                if (array.getShape().size() > 0) {
                    double off = References.difference(expected.get(tensor++), array.toFloatArray());
                    assertTrue(off <= 1e-5, "gradients off by " + off);
                }
            }
        }
    }

    private static EngineException full() {
        return new EngineException("CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 79.15 GiB total capacity)");
    }

    /** Refuses pieces of more tokens than fit, once they have been computed. */
    private static final class Failing implements LoraGradients.Work {
        private final LoraGradients.Work work;
        private final int fitting;
        private int refused;

        Failing(LoraGradients.Work work, int fitting) {
            this.work = work;
            this.fitting = fitting;
        }

        @Override
        public List<Sequence> sequences() {
            return work.sequences();
        }

        @Override
        public List<LoraGradients.Work> parts(MemoryPlan plan) {
            return work.parts(plan).stream()
                    .map(part -> (LoraGradients.Work) new Part(part))
                    .toList();
        }

        @Override
        public LoraGradients.Sums call(LoraGradients.Work whole) {
            throw new IllegalStateException("called by its parts");
        }

        private final class Part implements LoraGradients.Work {
            private final LoraGradients.Work part;

            Part(LoraGradients.Work part) {
                this.part = part;
            }

            @Override
            public List<Sequence> sequences() {
                return part.sequences();
            }

            @Override
            public List<LoraGradients.Work> parts(MemoryPlan plan) {
                return List.of(this);
            }

            @Override
            public LoraGradients.Sums call(LoraGradients.Work whole) {
                LoraGradients.Sums sums = part.call(work);
                if (part.sequences().size() > 1
                        && part.sequences().stream()
                                        .mapToInt(s -> s.ids().length)
                                        .sum()
                                > fitting) {
                    refused++;
                    throw full();
                }
                return sums;
            }
        }
    }
}
