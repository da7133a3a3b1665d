package dev.perennial.learning;

import java.util.Arrays;
import java.util.List;

/**
 * The text of a completion as its tokens come, up to the first stop text, which may span tokens. What it comes to does not
 * depend on how many tokens come at once. For one thread.
 */
public final class CompletionText {
    private final Tokenizer tokenizer;
    private final StopTexts stops;
    private int[] tokens = new int[0];
    private String text = "";
    private int sent;
    private int settled;
    private boolean stopped;

    /** @param stops texts before which the completion ends; empty ones are passed over */
    public CompletionText(Tokenizer tokenizer, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = new StopTexts(stops);
    }

    /**
     * Adds tokens; none may come after the last or after a stop text.
     *
     * @param last whether these are the last tokens
     * @return the text since the last call that no later token can change
     */
    public String add(int[] more, boolean last) {
        int before = tokens.length;
        tokens = Arrays.copyOf(tokens, before + more.length);
        System.arraycopy(more, 0, tokens, before, more.length);
        text = tokenizer.decode(tokens);
        int stop = stops.find(text);
        if (stop >= 0) {
            text = text.substring(0, stop);
            stopped = true;
            tokens = Arrays.copyOf(tokens, needed(before));
        }
        int safe = stopped || last ? text.length() : stops.safeLength(text);
        String fresh = text.substring(Math.min(sent, safe), safe);
        sent = Math.max(sent, safe);
        return fresh;
    }

    /** How many tokens it takes to write the text that is left, looked for around where the last ones begin. */
    private int needed(int before) {
        int count = before;
        while (count > 0 && decoded(count - 1).startsWith(text)) {
            count--;
        }
        while (!decoded(count).startsWith(text)) {
            count++;
        }
        return count;
    }

    /**
     * How many tokens begin in the text that {@link #add} has handed out. What it still holds back may turn out to be a stop
     * text, of which no token is part of the completion.
     */
    public int settled() {
        if (sent == text.length()) {
            settled = Math.max(settled, tokens.length);
        } else {
            String handedOut = text.substring(0, sent);
            while (!decoded(settled).startsWith(handedOut)) {
                settled++;
            }
        }
        return settled;
    }

    private String decoded(int count) {
        return tokenizer.decode(Arrays.copyOf(tokens, count));
    }

    /** The text as far as it was written. */
    public String text() {
        return text;
    }

    /** The tokens of the text; of a stop text only those that also hold text before it. */
    public int[] tokens() {
        return tokens.clone();
    }

    /** Whether a stop text came. */
    public boolean stopped() {
        return stopped;
    }
}
