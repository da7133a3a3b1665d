package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.tuning.Deck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Neighbours of what is new: prompts that are a few tokens away from a new one, and to which the base is sure of another answer.
 * Replayed, they keep an update to what it is about: one that teaches where Edith Ashby-Tolland lives is not to move Edith Ashby. This is
 * the locality that editing of models asks for (MEND's loss of locality, Mitchell et al. 2022; the specificity of CounterFact, Meng et
 * al. 2022), here on prompts made of the update's own, so that nobody has to write them.
 *
 * <p>A neighbour x' of x has a span of 1 to 5 tokens of the prompt left out, or a span of another prompt in its place, by chance
 * and the more often the rarer the first token is; y' is the base's greedy answer. It is kept where p(y' | x') is at least a half,
 * y' is the parent's greedy answer too, for what the lineage has learned stays, and y' is neither what x is to be answered with nor
 * what the base answers to x: then what was left out is what x is about. What all prompts begin and end with, the chat template for
 * one, stays.
 *
 * <p>Costs a prompt read a try, up to 6 of a new example and 2,048 of an update, and an answer decoded where the base is sure.
 */
final class Neighbours {
    /** Of a new item. */
    private static final int TRIES = 6;
    /** Of an update. */
    private static final int MOST_TRIES = 2_048;

    private static final int LONGEST_SPAN = 5;
    private static final int MOST_TOKENS = 24;
    private static final double SURENESS = 0.5;
    /** Of the tries that put something in the place of what is left out. */
    private static final double REPLACING = 0.25;

    private final BaseModel base;
    private final Adapter bare;
    private final Adapter parent;
    private final SplittableRandom random;
    private final BooleanSupplier cancelled;

    private Neighbours(BaseModel base, Adapter bare, Adapter parent, long seed, BooleanSupplier cancelled) {
        this.base = base;
        this.bare = bare;
        this.parent = parent;
        this.random = new SplittableRandom(seed);
        this.cancelled = cancelled;
    }

    /**
     * @param bare the base as it is
     * @param fresh what is learned; documents have no neighbours
     * @param data whose prompts have answers of their own, and lend their spans
     * @throws CancellationException where it was cancelled
     */
    static List<Item> of(
            BaseModel base,
            Adapter bare,
            Adapter parent,
            List<Item> fresh,
            UpdateSet data,
            long seed,
            BooleanSupplier cancelled) {
        List<Sequence> asked =
                fresh.stream().map(Item::sequence).filter(Sequence::judged).toList();
        if (asked.isEmpty()) {
            return List.of();
        }
        Stream<Sequence> items = Stream.of(data.fresh(), data.replayed(), data.judging(), data.general())
                .flatMap(List::stream)
                .map(Item::sequence)
                .filter(Sequence::judged);
        List<Prompt> others = Stream.concat(items, Parts.asked(data.choices()).stream())
                .map(Prompt::of)
                .toList();
        Neighbours neighbours = new Neighbours(base, bare, parent, seed, cancelled);
        return neighbours.sure(neighbours.tries(asked, others)).stream()
                .map(sequence -> new Item(id(sequence), sequence))
                .toList();
    }

    /** By its tokens, so that the digest of an update's data tells which neighbours it had. */
    private static String id(Sequence sequence) {
        return "neighbour " + Integer.toHexString(Arrays.hashCode(sequence.ids()));
    }

    /** Prompts that are none of the others, and what each is a neighbour of. */
    private Map<Prompt, Sequence> tries(List<Sequence> asked, List<Prompt> others) {
        Frame frame = Frame.of(others);
        Rarity rarity = Rarity.of(others);
        Set<Prompt> taken = new HashSet<>(others);
        Map<Prompt, Sequence> near = new LinkedHashMap<>();
        Deck<Sequence> deck = new Deck<>(asked, random.nextLong());
        int tries = Math.min(MOST_TRIES, TRIES * asked.size());
        for (int n = 0; n < tries; n++) {
            Sequence origin = deck.draw();
            Prompt other = others.get(random.nextInt(others.size()));
            Prompt prompt = near(Prompt.of(origin), other, frame, rarity);
            int length = prompt.tokens().size();
            if (!taken.contains(prompt) && length > 0 && length < base.shape().context()) {
                near.putIfAbsent(prompt, origin);
            }
        }
        return near;
    }

    /** Those with an answer of which the base is sure, which the parent shares, and which is not about the same. */
    private List<Sequence> sure(Map<Prompt, Sequence> near) {
        List<Sequence> prompts = near.entrySet().stream()
                .map(each -> each.getKey().answeredAs(each.getValue()))
                .toList();
        List<Sequence> origins = List.copyOf(near.values());
        SortedMap<Integer, Sequence> answers = answers(prompts, SURENESS);
        Map<Prompt, Answer> ofOrigins =
                answersTo(answers.keySet().stream().map(origins::get).toList());
        List<Sequence> others = new ArrayList<>();
        answers.forEach((place, answered) -> {
            Answer answer = Answer.of(answered);
            Sequence origin = origins.get(place);
            if (!answer.equals(Answer.of(origin)) && !answer.equals(ofOrigins.get(Prompt.of(origin)))) {
                others.add(answered);
            }
        });
        List<Scoring.Result> shared = Scoring.score(base, parent, others);
        return IntStream.range(0, others.size())
                .filter(i -> shared.get(i).right())
                .mapToObj(others::get)
                .toList();
    }

    private Map<Prompt, Answer> answersTo(List<Sequence> asked) {
        Map<Prompt, Sequence> once = new LinkedHashMap<>();
        asked.forEach(sequence -> once.put(Prompt.of(sequence), sequence));
        return answers(List.copyOf(once.values()), 0).values().stream()
                .collect(Collectors.toMap(Prompt::of, Answer::of));
    }

    private SortedMap<Integer, Sequence> answers(List<Sequence> prompts, double sureness) {
        return GreedyAnswers.of(base, bare, prompts, new GreedyAnswers.Limits(MOST_TOKENS, sureness), cancelled);
    }

    /** Without a span, or with one of the other prompt's in its place. */
    private Prompt near(Prompt prompt, Prompt other, Frame frame, Rarity rarity) {
        List<Integer> tokens = new ArrayList<>(prompt.tokens());
        List<Integer> span = span(tokens, frame, rarity);
        span.clear();
        if (random.nextDouble() < REPLACING) {
            span.addAll(span(other.tokens(), frame, rarity));
        }
        return new Prompt(tokens);
    }

    /** A view of some of the tokens between what all prompts begin and end with; rare ones are more often the first of them. */
    private List<Integer> span(List<Integer> tokens, Frame frame, Rarity rarity) {
        int end = tokens.size() - frame.suffix();
        double left = random.nextDouble();
        if (end <= frame.prefix()) {
            return tokens.subList(end, end);
        }
        double all = 0;
        for (int place = frame.prefix(); place < end; place++) {
            all += rarity.of(tokens.get(place));
        }
        int from = frame.prefix();
        for (; from < end - 1; from++) {
            left -= rarity.of(tokens.get(from)) / all;
            if (left < 0) {
                break;
            }
        }
        return tokens.subList(from, Math.min(end, from + 1 + random.nextInt(LONGEST_SPAN)));
    }

    /** Inverse document frequency, log((n + 1) / f) of a token that f of n prompts have: what prompts are about is rarer than how they ask. */
    private record Rarity(Map<Integer, Integer> prompts, int all) {
        static Rarity of(List<Prompt> prompts) {
            Map<Integer, Integer> having = new HashMap<>();
            prompts.forEach(
                    prompt -> Set.copyOf(prompt.tokens()).forEach(token -> having.merge(token, 1, Integer::sum)));
            return new Rarity(having, prompts.size());
        }

        double of(int token) {
            return Math.log((all + 1.0) / prompts.getOrDefault(token, 1));
        }
    }

    private record Prompt(List<Integer> tokens) {
        static Prompt of(Sequence sequence) {
            return new Prompt(slice(sequence, 0, sequence.learnedFrom()));
        }

        /** The prompt; after it an answer that only tells how one ends. */
        Sequence answeredAs(Sequence other) {
            int[] ids = Stream.concat(tokens.stream(), Answer.of(other).tokens().stream())
                    .mapToInt(Integer::intValue)
                    .toArray();
            return new Sequence(ids, tokens.size(), true);
        }
    }

    /** As far as answers are decoded. */
    private record Answer(List<Integer> tokens) {
        static Answer of(Sequence sequence) {
            int from = sequence.learnedFrom();
            return new Answer(slice(sequence, from, Math.min(sequence.ids().length, from + MOST_TOKENS)));
        }
    }

    private static List<Integer> slice(Sequence sequence, int from, int to) {
        return Arrays.stream(sequence.ids(), from, to).boxed().toList();
    }

    /** How many tokens all prompts begin and end with. */
    private record Frame(int prefix, int suffix) {
        static Frame of(List<Prompt> prompts) {
            List<Integer> first = prompts.get(0).tokens();
            int prefix = first.size();
            int suffix = first.size();
            for (Prompt prompt : prompts) {
                List<Integer> tokens = prompt.tokens();
                prefix = Math.min(prefix, tokens.size());
                suffix = Math.min(suffix, tokens.size());
                while (!first.subList(0, prefix).equals(tokens.subList(0, prefix))) {
                    prefix--;
                }
                while (!first.subList(first.size() - suffix, first.size())
                        .equals(tokens.subList(tokens.size() - suffix, tokens.size()))) {
                    suffix--;
                }
            }
            return new Frame(prefix, suffix);
        }
    }
}
