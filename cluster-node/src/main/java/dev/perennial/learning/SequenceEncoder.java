package dev.perennial.learning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns examples into tokens exactly as serving does, so that what is trained is what is asked. */
public final class SequenceEncoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final int longest;

    public SequenceEncoder(BaseModel base) {
        this.tokenizer = base.tokenizer();
        this.template = base.chatTemplate();
        this.longest = base.shape().context();
    }

    /** A document, cut into pieces of the context's length where it is longer; every token after the first is learned. */
    public List<Sequence> document(String text) {
        int[] content = tokenizer.encode(text);
        int[] begin = tokenizer.beginToken().isPresent()
                ? new int[] {tokenizer.beginToken().getAsInt()}
                : new int[0];
        int[] all = join(begin, content, new int[] {tokenizer.endTokens().get(0)});
        List<Sequence> pieces = new ArrayList<>();
        for (int from = 0; from < all.length - 1; from += longest - 1) {
            int[] piece = Arrays.copyOfRange(all, from, Math.min(all.length, from + longest));
            if (piece.length >= 2) {
                pieces.add(new Sequence(piece, 1, false));
            }
        }
        return pieces;
    }

    /** The tokens that a question is asked with. */
    public int[] prompt(List<ChatTemplate.Turn> turns) {
        return tokenizer.encode(template.render(turns, true));
    }

    /** Plain text to go on with. */
    public int[] plainPrompt(String text) {
        int[] content = tokenizer.encode(text);
        return tokenizer.beginToken().isPresent()
                ? join(new int[] {tokenizer.beginToken().getAsInt()}, content, new int[0])
                : content;
    }

    /**
     * A conversation of which the last answer is learned, with the token that ends it.
     *
     * @throws LearningException where it does not fit the context
     */
    public Sequence conversation(List<ChatTemplate.Turn> turns) {
        List<ChatTemplate.Turn> question = turns.subList(0, turns.size() - 1);
        String asked = template.render(question, true);
        int[] prompt = tokenizer.encode(asked);
        int[] answer = tokenizer.encode(answerText(turns, asked));
        int end = tokenizer.endTokens().get(0);
        boolean ended = answer.length > 0 && tokenizer.endTokens().contains(answer[answer.length - 1]);
        int[] ids = join(prompt, answer, ended ? new int[0] : new int[] {end});
        if (ids.length > longest) {
            throw new LearningException(
                    "an example of " + ids.length + " tokens does not fit the base model's context of " + longest);
        }
        return new Sequence(ids, prompt.length, true);
    }

    /** What the template itself writes for the answer, up to the token that ends it: some put a space before it. */
    private String answerText(List<ChatTemplate.Turn> turns, String asked) {
        String plain = turns.get(turns.size() - 1).content();
        String full = template.render(turns, false);
        String end = template.endText();
        if (!full.startsWith(asked) || end.isEmpty()) {
            return plain;
        }
        String rest = full.substring(asked.length());
        int cut = rest.lastIndexOf(end);
        return cut < 0 || !rest.contains(plain) ? plain : rest.substring(0, cut);
    }

    private static int[] join(int[]... parts) {
        int[] all = new int[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (int[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
