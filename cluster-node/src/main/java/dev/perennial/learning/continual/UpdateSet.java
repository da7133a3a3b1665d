package dev.perennial.learning.continual;

import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The data of an update. What the plan has no use for is left alone.
 *
 * @param fresh to be learned, in the order in which they came
 * @param replayed earlier ones of the same lineage
 * @param general what the base can do and must go on doing
 * @param judging new ones that are not learned but judge the update; they too may contradict what is new
 * @param choices preferences and labelled answers
 */
public record UpdateSet(
        List<Item> fresh, List<Item> replayed, List<Item> general, List<Item> judging, Choices choices) {
    public UpdateSet {
        fresh = List.copyOf(fresh);
        replayed = List.copyOf(replayed);
        general = List.copyOf(general);
        judging = List.copyOf(judging);
    }

    /** Without preferences. */
    public UpdateSet(List<Item> fresh, List<Item> replayed, List<Item> general, List<Item> judging) {
        this(fresh, replayed, general, judging, Choices.NONE);
    }

    /** With nothing kept from training. */
    public UpdateSet(List<Item> fresh, List<Item> replayed, List<Item> general) {
        this(fresh, replayed, general, List.of());
    }

    /**
     * What is learned relative to another version: new ones to the parent, earlier ones to the bare base, so that what the
     * lineage has learned already weighs little and what was forgotten much.
     */
    public record Choices(List<Chosen> fresh, List<Chosen> replayed) {
        public static final Choices NONE = new Choices(List.of(), List.of());

        public Choices {
            fresh = List.copyOf(fresh);
            replayed = List.copyOf(replayed);
        }
    }

    /** @param id of the example, as an item's */
    public record Chosen(String id, EncodedData.Choice choice) {}

    /**
     * @param id of the example that the sequence is of or a part of; it goes into the digest of the data
     * @param question by which contradictions are found; empty for a document
     */
    public record Item(String id, Sequence sequence, Optional<Question> question) {
        /** A judged sequence asks with the tokens before the first learned one, and answers with the others. */
        public Item(String id, Sequence sequence) {
            this(id, sequence, sequence.judged() ? Optional.of(question(sequence)) : Optional.empty());
        }

        private static Question question(Sequence sequence) {
            int[] ids = sequence.ids();
            int from = sequence.learnedFrom();
            return new Question(
                    Arrays.toString(Arrays.copyOf(ids, from)),
                    Arrays.toString(Arrays.copyOfRange(ids, from, ids.length)));
        }
    }

    /** What is asked and what is answered, each in a form that is equal where the meaning is. */
    public record Question(String asked, String answered) {}
}
