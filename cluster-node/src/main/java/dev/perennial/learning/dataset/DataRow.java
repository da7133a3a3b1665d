package dev.perennial.learning.dataset;

import dev.perennial.learning.ChatTemplate.Turn;
import java.util.List;

/** One row of a data file. */
public sealed interface DataRow {
    /** What rows are good for; rows of different purposes have different losses, so that they never mix in one file. */
    enum Purpose {
        /** Likely tokens: cross-entropy. */
        SUPERVISED,
        /** One answer rather than another: DPO. */
        PREFERENCE,
        /** One answer, wanted or not: KTO. */
        JUDGEMENT
    }

    /** A document, all of it learned. */
    record Text(String text) implements DataRow {}

    /** Only the answer is learned. */
    record Completion(Exchange exchange) implements DataRow {}

    /** A conversation with at least one answer; what the assistant says is learned, all other turns are read. */
    record Conversation(List<Turn> turns) implements DataRow {
        public Conversation {
            turns = List.copyOf(turns);
        }
    }

    /** Two different answers to the same prompt. */
    record Preference(Exchange chosen, Exchange rejected) implements DataRow {}

    /** @param label whether the answer is wanted */
    record Labelled(Exchange exchange, boolean label) implements DataRow {}

    default Purpose purpose() {
        if (this instanceof Preference) {
            return Purpose.PREFERENCE;
        }
        return this instanceof Labelled ? Purpose.JUDGEMENT : Purpose.SUPERVISED;
    }
}
