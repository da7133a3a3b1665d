package dev.perennial.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.function.Function;
import java.util.function.Supplier;

/** What reading one line gave. */
sealed interface LineOutcome<T> {
    record Good<T>(long line, T value, int bytes) implements LineOutcome<T> {}

    record Bad<T>(IntakeReport.LineError error) implements LineOutcome<T> {}

    static <T> LineOutcome<T> read(Line line, int longest, Function<JsonNode, T> reader) {
        if (line.tooLong()) {
            return bad(line.number(), "the line is longer than " + longest + " bytes");
        }
        return read(
                line.number(),
                line.content().size(),
                () -> StrictJson.read(line.content().asByteBuffer()),
                reader);
    }

    static <T> LineOutcome<T> read(long number, JsonNode element, Function<JsonNode, T> reader) {
        return read(number, 0, () -> element, reader);
    }

    private static <T> LineOutcome<T> read(
            long number, int bytes, Supplier<JsonNode> json, Function<JsonNode, T> reader) {
        try {
            return new Good<>(number, reader.apply(json.get()), bytes);
        } catch (ProblemException e) {
            return bad(number, e.problem().message());
        }
    }

    static <T> LineOutcome<T> bad(long number, String message) {
        return new Bad<>(new IntakeReport.LineError(number, message));
    }

    /** Whether a problem is the line's own, so that the others can go on. */
    static boolean isOfLine(Problem problem) {
        return switch (problem.kind()) {
            case UNAVAILABLE, INTERNAL -> false;
            default -> true;
        };
    }
}
