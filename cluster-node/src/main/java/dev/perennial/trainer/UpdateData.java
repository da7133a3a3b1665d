package dev.perennial.trainer;

import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.continual.UpdateSet.Question;
import dev.perennial.learning.dataset.EncodedData;
import dev.perennial.learning.dataset.EncodedData.Choice;
import dev.perennial.protocols.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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
        private static final Pattern SPACES = Pattern.compile("\\s+");

        /** As the intake tells questions and answers apart: by all but white space; empty for a document or a choice. */
        Optional<Question> question() {
            if (example instanceof Example.Text || isChoice()) {
                return Optional.empty();
            }
            if (example instanceof Example.Completion pair) {
                return Optional.of(new Question(asked("user", pair.prompt()), spaced(pair.completion())));
            }
            if (example instanceof Example.Messages conversation) {
                List<Example.Message> turns = conversation.messages();
                int last = turns.size() - 1;
                return Optional.of(new Question(
                        turns.subList(0, last).stream()
                                .map(turn -> asked(turn.role(), turn.content()))
                                .collect(Collectors.joining()),
                        spaced(turns.get(last).content())));
            }
            throw new AssertionError(example);
        }

        /** With its length, so that no two rows of turns look alike. */
        private static String asked(String role, String content) {
            String text = spaced(content);
            return role + " " + text.length() + " " + text + "\n";
        }

        private static String spaced(String text) {
            return SPACES.matcher(text.strip()).replaceAll(" ");
        }

        /** What is made likely; nothing where the example is a choice. */
        List<Sequence> encode(SequenceEncoder encoder) {
            if (example instanceof Example.Text text) {
                return encoder.document(text.text());
            }
            if (example instanceof Example.Completion completion) {
                return List.of(encoder.conversation(List.of(
                        new Turn("user", completion.prompt()), new Turn("assistant", completion.completion()))));
            }
            if (example instanceof Example.Messages messages) {
                return List.of(encoder.conversation(turns(messages.messages())));
            }
            if (isChoice()) {
                return List.of();
            }
            throw new AssertionError(example);
        }

        boolean isChoice() {
            return example instanceof Example.Preference || example instanceof Example.Labelled;
        }

        /** What is learned relative to the parent; the example is a choice. */
        Choice choice(SequenceEncoder encoder) {
            if (example instanceof Example.Preference pair) {
                return new EncodedData.Pair(
                        answered(encoder, pair.prompt(), pair.chosen()),
                        answered(encoder, pair.prompt(), pair.rejected()));
            }
            if (example instanceof Example.Labelled labelled) {
                return new EncodedData.Judgement(
                        answered(encoder, labelled.prompt(), labelled.completion()), labelled.desirable());
            }
            throw new AssertionError(example);
        }

        private static Sequence answered(SequenceEncoder encoder, List<Example.Message> prompt, String answer) {
            List<Turn> turns = new ArrayList<>(turns(prompt));
            turns.add(new Turn("assistant", answer));
            return encoder.conversation(turns);
        }

        private static List<Turn> turns(List<Example.Message> messages) {
            return messages.stream()
                    .map(message -> new Turn(message.role(), message.content()))
                    .toList();
        }
    }
}
