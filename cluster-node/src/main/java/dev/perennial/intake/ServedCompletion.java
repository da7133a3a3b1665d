package dev.perennial.intake;

import dev.perennial.protocols.Example;
import dev.perennial.protocols.VersionId;
import java.util.List;
import java.util.Optional;

/**
 * A completion that was served, as feedback needs it.
 *
 * @param version empty where the bare base was asked for by its own name
 * @param messages the conversation that was answered; empty where there was a prompt
 * @param prompt the plain text that was gone on with
 * @param whole false where the answer was broken off before its end
 */
public record ServedCompletion(
        String id,
        Optional<VersionId> version,
        List<Example.Message> messages,
        Optional<String> prompt,
        String answer,
        boolean whole) {
    public ServedCompletion {
        messages = List.copyOf(messages);
    }
}
