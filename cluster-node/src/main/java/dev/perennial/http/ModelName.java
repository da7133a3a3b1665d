package dev.perennial.http;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.VersionId;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code model} may be: {@code base}, {@code DOMAIN} or {@code DOMAIN@N}. Any other name is no bad request but a model
 * that does not exist, as a client that was set up for another provider expects.
 */
record ModelName(String text, Optional<DomainId> domain, OptionalInt number) {
    static ModelName parse(String text) {
        if (text.equals("base")) {
            return new ModelName(text, Optional.empty(), OptionalInt.empty());
        }
        try {
            if (text.indexOf('@') < 0) {
                return new ModelName(text, Optional.of(new DomainId(text)), OptionalInt.empty());
            }
            VersionId version = VersionId.parse(text);
            return new ModelName(text, Optional.of(version.domain()), OptionalInt.of(version.number()));
        } catch (ProblemException e) {
            throw new ProblemException(new Problem(
                    Problem.Kind.NOT_FOUND,
                    "there is no model '" + Problem.shorten(text)
                            + "'; a model is base, DOMAIN or DOMAIN@N, and GET /v1/models lists them",
                    "model",
                    "model_not_found"));
        }
    }
}
