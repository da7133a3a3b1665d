package dev.perennial.trainer;

import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.Example;
import java.util.List;

/**
 * The texts of an update.
 *
 * @param train new examples to learn
 * @param heldOut new examples that judge the update
 * @param replay earlier examples of the domain
 * @param retained the domain's retained suite
 */
record UpdateData(List<Item> train, List<Item> heldOut, List<Item> replay, List<Item> retained) {
    /** An example and its content id. */
    record Item(String id, Example example) {
        List<Sequence> encode(SequenceEncoder encoder) {
            if (example instanceof Example.Text text) {
                return encoder.document(text.text());
            }
            if (example instanceof Example.Completion completion) {
                return List.of(encoder.conversation(List.of(
                        new Turn("user", completion.prompt()), new Turn("assistant", completion.completion()))));
            }
            if (example instanceof Example.Messages messages) {
                return List.of(encoder.conversation(messages.messages().stream()
                        .map(message -> new Turn(message.role(), message.content()))
                        .toList()));
            }
            throw new AssertionError(example);
        }
    }
}
