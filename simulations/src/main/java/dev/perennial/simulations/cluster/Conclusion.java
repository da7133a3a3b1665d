package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Ends a run: writes its report, and says what came of it.
 *
 * @param report file of the figures, with a page beside it
 * @param complaints hears, a line each, what is not as it should be
 * @param traces where to look, and how to run it again
 */
record Conclusion(Optional<Path> report, Consumer<String> complaints, String traces) {
    static final int BROKEN = 1;
    static final int INCOMPLETE = 3;

    /** @return the exit code: 1 if an invariant broke, whatever else there is; 3 if the run or its report is incomplete; else 0 */
    int of(ClusterReport run) {
        boolean complete = run.incomplete().isEmpty();
        run.incomplete().forEach(this::incomplete);
        try {
            write(run);
        } catch (IOException | RuntimeException e) {
            complaints.accept("the report could not be written: " + e);
            complete = false;
        }
        if (!run.findings().held()) {
            complaints.accept("an invariant broke; " + traces);
            return BROKEN;
        }
        return complete ? 0 : INCOMPLETE;
    }

    /** @return the exit code */
    int incomplete(String reason) {
        complaints.accept("the run could not be carried to its end: " + reason + "; " + traces);
        return INCOMPLETE;
    }

    private void write(ClusterReport run) throws IOException {
        if (report.isPresent()) {
            Files.writeString(report.get(), run.json().toPrettyString() + "\n");
            Files.writeString(Path.of(report.get() + ".html"), TimelinePage.of(run));
        }
    }
}
