package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.learning.tuning.TuningProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final StringWriter written = new StringWriter();
    private long now = 17;

    @Test
    void aFileGetsTheFirstStepTheLastAndOneEveryFewSeconds() {
        try (Progress progress = progress(false)) {
            for (int step = 1; step <= 4; step++) {
                progress.accept(step(step));
                now += 3 * SECOND;
            }
            progress.accept(step(5));
        }
        assertEquals(line(1) + "\n" + line(3) + "\n" + line(5) + "\n", text());
    }

    @Test
    void aTerminalsLineIsWrittenOverAndEndedBeforeAnErrorAndAtTheEnd() {
        try (Progress progress = progress(true)) {
            progress.accept(step(1));
            progress.say("error: line 3");
            now += SECOND;
            progress.accept(step(2));
        }
        assertEquals("\r" + line(1) + "\nerror: line 3\n\r" + line(2) + "\n", text());
    }

    @Test
    void rowsThatAreDoneAtOnceAreNotToldOf() {
        try (Progress progress = progress(false)) {
            progress.advance(10, 100);
            now += 5 * SECOND;
            progress.advance(10, 100);
            progress.advance(10, 100);
        }
        assertEquals("20 rows, 200 tokens, 40 tokens/s\n", text());
    }

    private Progress progress(boolean terminal) {
        return new Progress(new PrintWriter(written), terminal, () -> now);
    }

    private String text() {
        return written.toString().replace(System.lineSeparator(), "\n");
    }

    private static TuningProgress step(int step) {
        return new TuningProgress(
                TuningProgress.Phase.TRAINING, step, 5, 0.5, OptionalDouble.empty(), 100, 9, 1e-3, Optional.empty());
    }

    private static String line(int step) {
        return "step " + step + "/5  loss 0.5000  rate 1.00e-03  100 tokens/s  9 s left";
    }
}
