package dev.perennial.learning.dataset;

import dev.perennial.learning.ChatTemplate.Turn;
import java.util.List;

/** A prompt and one answer to it. */
public sealed interface Exchange {
    /** @param prompt may be empty; the answer goes on where it ends, no space is put between them */
    record Plain(String prompt, String answer) implements Exchange {}

    /** @param turns at least two; the last is the assistant's and is the answer, all before it are the prompt */
    record Chat(List<Turn> turns) implements Exchange {
        public Chat {
            turns = List.copyOf(turns);
        }
    }
}
