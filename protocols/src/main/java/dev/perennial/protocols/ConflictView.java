package dev.perennial.protocols;

import java.time.Instant;
import java.util.List;

/**
 * Examples that contradict each other, as the API shows them: none is learned until all but one of them are deleted, or a
 * newer answer to their question is learned.
 *
 * @param update that found it
 * @param examples their ids, 2 or more
 */
public record ConflictView(UpdateId update, List<String> examples, Instant at) {
    public ConflictView {
        examples = List.copyOf(examples);
    }
}
