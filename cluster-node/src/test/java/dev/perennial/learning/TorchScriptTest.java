package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Calls of scripts that fail. */
class TorchScriptTest {
    private static final int CALLS = 60;
    private static final int NUMBERS = 4 << 20;

    /** 16 MiB a call: a call that fails, as for want of memory, must not keep them. */
    @Test
    void aCallThatFailsKeepsNothing() throws IOException {
        try (BaseModel base = BaseModel.open(References.UNTIED)) {
            fail(base);
            long before = resident();
            for (int call = 0; call < CALLS; call++) {
                fail(base);
            }
            long kept = resident() - before;
            assertTrue(kept < 4L * NUMBERS * CALLS / 4, "kept " + (kept >> 20) + " MiB of " + (16 * CALLS));
        }
    }

    private static void fail(BaseModel base) {
        try (NDManager scope = base.scope()) {
            NDList arguments = new NDList(scope.ones(new Shape(NUMBERS)));
            assertThrows(EngineException.class, () -> base.script().infer("head_back", arguments));
        }
    }

    /** Bytes of this process in memory. */
    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
