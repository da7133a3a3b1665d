package dev.perennial.intake;

import dev.perennial.protocols.ExampleRef;

/**
 * An example ready to be stored and accepted.
 *
 * @param json as it is stored: {@link dev.perennial.protocols.Example} in Jackson's form
 * @param source where it came from, as the caller says; empty if it did not say
 */
public record ParsedExample(ExampleRef ref, String json, String source) {
    /** The same, held out or trained on as the other is. */
    ParsedExample withCompanion(ParsedExample other) {
        return new ParsedExample(ref.withCompanion(other.ref().id()), json, source);
    }
}
