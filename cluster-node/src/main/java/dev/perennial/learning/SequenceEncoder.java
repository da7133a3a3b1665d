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
        this(base.tokenizer(), base.chatTemplate(), base.shape().context());
    }

    /** For a caller that cuts to a bound of its own: nothing is too long, and a document stays in one piece. */
    public static SequenceEncoder unbounded(BaseModel base) {
        return new SequenceEncoder(base.tokenizer(), base.chatTemplate(), Integer.MAX_VALUE);
    }

    SequenceEncoder(Tokenizer tokenizer, ChatTemplate template, int longest) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.longest = longest;
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
     * Plain text of which the answer is learned, with the token that ends it. The answer has the tokens that it has after
     * its prompt, as TRL encodes prompt and completion; only where the two grow together in one token, those of its own.
     *
     * @throws LearningException where it does not fit the context
     */
    public Sequence completion(String prompt, String answer) {
        int[] asked = plainPrompt(prompt);
        int[] whole = plainPrompt(prompt + answer);
        int[] content = startsWith(whole, asked)
                ? Arrays.copyOfRange(whole, asked.length, whole.length)
                : tokenizer.encode(answer);
        return learned(asked, ended(content));
    }

    /**
     * A conversation of which the last answer is learned, with the token that ends it.
     *
     * @throws LearningException where it does not fit the context
     */
    public Sequence conversation(List<ChatTemplate.Turn> turns) {
        int[] prompt = prompt(turns.subList(0, turns.size() - 1));
        return learned(prompt, answer(turns, prompt));
    }

    private Sequence learned(int[] prompt, int[] answer) {
        int[] ids = join(prompt, answer);
        if (ids.length > longest) {
            throw new LearningException(
                    "an example of " + ids.length + " tokens does not fit the base model's context of " + longest);
        }
        // An empty prompt of a model without a begin token: nothing comes before the first token to tell it from.
        return new Sequence(ids, Math.max(1, prompt.length), true);
    }

    /**
     * A conversation of which every answer of the assistant is learned once, each after exactly the tokens that it is
     * asked with. That is one sequence, except where a template writes earlier turns otherwise than it wrote them when
     * they were new, as Qwen3's does with what was thought: there a further sequence begins.
     *
     * <p>What the assistant says before anybody asked it anything, as some chats begin, is read and not learned, unless it
     * is all that it says.
     *
     * @param enough tokens: answers that begin after so many are left out
     * @throws LearningException where there is no answer, or it does not fit the context
     */
    public List<Sequence> everyAnswer(List<ChatTemplate.Turn> turns, int enough) {
        List<Sequence> sequences = new ArrayList<>();
        for (int i : answers(turns)) {
            if (!sequences.isEmpty() && sequences.get(sequences.size() - 1).ids().length > enough) {
                break;
            }
            Sequence next = conversation(turns.subList(0, i + 1));
            Sequence before = sequences.isEmpty() ? null : sequences.get(sequences.size() - 1);
            if (before != null && startsWith(next.ids(), before.ids()) && before.ids().length <= next.learnedFrom()) {
                boolean[] mask = next.mask().clone();
                for (int t = 0; t < before.ids().length; t++) {
                    mask[t] = before.mask()[t];
                }
                sequences.set(sequences.size() - 1, new Sequence(next.ids(), mask, true));
            } else {
                sequences.add(next);
            }
        }
        if (sequences.isEmpty()) {
            throw new LearningException("a conversation to learn has at least one turn of the role 'assistant'");
        }
        return sequences;
    }

    /** Places of the answers to learn. */
    private static List<Integer> answers(List<ChatTemplate.Turn> turns) {
        List<Integer> opening = new ArrayList<>();
        List<Integer> answers = new ArrayList<>();
        boolean asked = false;
        for (int i = 0; i < turns.size(); i++) {
            String role = turns.get(i).role();
            if (role.equals("assistant")) {
                (asked ? answers : opening).add(i);
            } else {
                asked |= !role.equals("system");
            }
        }
        return answers.isEmpty() ? opening : answers;
    }

    /** The tokens that the template itself writes for the last turn, up to the one that ends it. */
    private int[] answer(List<ChatTemplate.Turn> turns, int[] prompt) {
        String asked = template.render(turns.subList(0, turns.size() - 1), true);
        String full = template.render(turns, false);
        String plain = turns.get(turns.size() - 1).content();
        int[] content = tokenizer.encode(plain);
        if (full.startsWith(asked) && full.indexOf(plain.strip(), asked.length()) >= 0) {
            int[] whole = tokenizer.encode(full);
            // Read on its own, a text may get a blank before it that it does not have after a prompt.
            int[] rest = startsWith(whole, prompt)
                    ? Arrays.copyOfRange(whole, prompt.length, whole.length)
                    : tokenizer.encode(full.substring(asked.length()));
            long within = Arrays.stream(content).filter(this::ends).count();
            for (int t = 0; t < rest.length; t++) {
                if (ends(rest[t]) && within-- == 0) {
                    return Arrays.copyOf(rest, t + 1);
                }
            }
        }
        return ended(content);
    }

    private int[] ended(int[] content) {
        boolean ended = content.length > 0 && ends(content[content.length - 1]);
        return ended ? content : join(content, new int[] {tokenizer.endTokens().get(0)});
    }

    private boolean ends(int token) {
        return tokenizer.endTokens().contains(token);
    }

    private static boolean startsWith(int[] all, int[] start) {
        return all.length >= start.length && Arrays.equals(all, 0, start.length, start, 0, start.length);
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
