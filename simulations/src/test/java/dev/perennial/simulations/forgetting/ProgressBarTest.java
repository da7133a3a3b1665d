package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    @Test
    void tellsTheTimeLeftByTheTimeSpent() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AtomicLong clock = new AtomicLong();
        ProgressBar bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), 4, clock::get);
        clock.set(30_000_000_000L);
        bar.advance(1, "lora");
        String line = out.toString(StandardCharsets.UTF_8);
        assertTrue(line.contains(" 25 %  1:30 left  lora"), line);
    }
}
