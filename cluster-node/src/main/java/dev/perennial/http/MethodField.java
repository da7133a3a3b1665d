package dev.perennial.http;

import dev.perennial.intake.JsonFields;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.LearningMethod.Part;
import dev.perennial.protocols.ProblemException;
import java.util.Optional;

/** The field {@code method}, of an update and of a policy. */
final class MethodField {
    static final String NAME = "method";

    private MethodField() {}

    static Optional<LearningMethod> read(JsonFields fields) {
        return fields.optionalText(NAME, LearningMethod.LONGEST).map(name -> {
            LearningMethod method = parse(fields, name);
            boolean replays = method.has(Part.BUFFER) || method.has(Part.GENERAL) || method.has(Part.NEIGHBOURS);
            if (method.has(Part.DISTILLATION) && !replays) {
                throw fields.problem(
                        NAME,
                        "distillation holds what is replayed, so that it goes with replay, buffer, general, own or neighbours; got '"
                                + name + "'");
            }
            return method;
        });
    }

    private static LearningMethod parse(JsonFields fields, String name) {
        try {
            return LearningMethod.parse(name);
        } catch (ProblemException e) {
            throw fields.problem(NAME, e.problem().message());
        }
    }
}
