package dev.perennial.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.Locale;

/** Progress of an update as one line that is written over on a terminal, and as a few lines elsewhere. */
final class ProgressLine {
    private static final int WIDTH = 24;
    private static final int CLEAR = 100;
    /** Where lines stay. */
    private static final int STEPS_A_LINE = 25;

    private final PrintStream out;

    @SuppressWarnings("SystemConsoleNull") // the program runs on Java 17; later ones at worst draw a bar into a file
    private final boolean terminal = System.console() != null;

    private String lastPhase = "";
    private int lastStep;

    ProgressLine(PrintStream out) {
        this.out = out;
    }

    void show(JsonNode update) {
        JsonNode progress = update.path("progress");
        String phase = progress.isObject()
                ? progress.path("phase").asText()
                : update.path("state").asText();
        int step = progress.path("step").asInt();
        int steps = Math.max(1, progress.path("steps").asInt());
        int done = Math.min(WIDTH, WIDTH * step / steps);
        String line = phase.equals("training")
                ? String.format(
                        Locale.ROOT,
                        "  training   [%s%s] %3d/%d  loss %.3f  %.0f tokens/s  %.0f s left",
                        "#".repeat(done),
                        ".".repeat(WIDTH - done),
                        step,
                        steps,
                        progress.path("loss").asDouble(),
                        progress.path("tokens_per_second").asDouble(),
                        progress.path("seconds_left").asDouble())
                : "  " + phase;
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, CLEAR - line.length())));
            out.flush();
        } else if (!phase.equals(lastPhase) || (phase.equals("training") && step >= lastStep + STEPS_A_LINE)) {
            out.println(line);
            lastStep = step;
        }
        lastPhase = phase;
    }

    void end() {
        if (terminal) {
            out.print("\r" + " ".repeat(CLEAR) + "\r");
            out.flush();
        }
    }
}
