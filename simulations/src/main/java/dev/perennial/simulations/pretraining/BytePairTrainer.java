package dev.perennial.simulations.pretraining;

import dev.perennial.simulations.pretraining.BytePairVocabulary.Merge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) over bytes: the most frequent pair of adjacent tokens becomes a token,
 * again and again. Texts are first cut into words, and no merge crosses a cut. Each digit is a word, so that arithmetic sees digits.
 *
 * <p>Counts every pair anew for each merge. That is quadratic, and takes seconds for the few thousand distinct words of a micro-world.
 */
public final class BytePairTrainer {
    /** GPT-2's words: a blank belongs to the word after it. */
    private static final Pattern WORD =
            Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final Pattern AROUND_DIGIT = Pattern.compile("(?<=\\p{N})|(?=\\p{N})");

    private BytePairTrainer() {}

    /**
     * Learns up to {@code vocabularySize} tokens, fewer when no pair occurs twice. Of equally frequent pairs the one with the smallest
     * left id, then the smallest right id is merged, so the same texts in any order give the same vocabulary.
     *
     * @throws IllegalArgumentException when the size leaves no room for the special tokens and the bytes
     */
    public static BytePairVocabulary train(Iterable<String> texts, int vocabularySize) {
        var tokens = new ArrayList<>(BytePairVocabulary.SPECIAL_TOKENS);
        ByteAlphabet.sorted().chars().forEach(character -> tokens.add(Character.toString(character)));
        if (vocabularySize < tokens.size())
            throw new IllegalArgumentException(
                    "expected a vocabulary of at least " + tokens.size() + " tokens, got " + vocabularySize);
        var merges = new ArrayList<Merge>();
        var words = words(texts, tokens);
        while (tokens.size() < vocabularySize) {
            var best = mostFrequent(words);
            if (best == null || best.getValue() < 2) break;
            var pair = best.getKey();
            var merge = new Merge(tokens.get(pair.left()), tokens.get(pair.right()));
            int joined = tokens.indexOf(merge.joined());
            if (joined < 0) {
                joined = tokens.size();
                tokens.add(merge.joined());
            }
            merges.add(merge);
            for (var word : words) word.merge(pair, joined);
        }
        return new BytePairVocabulary(List.copyOf(tokens), List.copyOf(merges));
    }

    /** The cuts that {@code tokenizer.json} asks of the encoder: first around every digit, then GPT-2's words. */
    static List<String> cut(String text) {
        return AROUND_DIGIT
                .splitAsStream(text)
                .flatMap(piece -> WORD.matcher(piece).results())
                .map(match -> match.group())
                .toList();
    }

    private record Pair(int left, int right) {}

    private static final Comparator<Map.Entry<Pair, Long>> BY_COUNT_THEN_SMALLEST =
            Map.Entry.<Pair, Long>comparingByValue()
                    .thenComparing(
                            entry -> entry.getKey(),
                            Comparator.comparingInt(Pair::left)
                                    .thenComparingInt(Pair::right)
                                    .reversed());

    private static List<Word> words(Iterable<String> texts, List<String> tokens) {
        var counts = new LinkedHashMap<String, Long>();
        for (var text : texts) for (var word : cut(text)) counts.merge(ByteAlphabet.encode(word), 1L, Long::sum);
        var words = new ArrayList<Word>();
        counts.forEach((word, count) -> words.add(new Word(
                word.chars()
                        .map(character -> tokens.indexOf(Character.toString(character)))
                        .toArray(),
                count)));
        return words;
    }

    private static Map.@Nullable Entry<Pair, Long> mostFrequent(List<Word> words) {
        var counts = new HashMap<Pair, Long>();
        for (var word : words) word.countInto(counts);
        return counts.entrySet().stream().max(BY_COUNT_THEN_SMALLEST).orElse(null);
    }

    /** A distinct word as the ids it is cut into so far, and how often it occurs. */
    private static final class Word {
        private int[] ids;
        private final long count;

        Word(int[] ids, long count) {
            this.ids = ids;
            this.count = count;
        }

        void countInto(Map<Pair, Long> counts) {
            for (int at = 0; at + 1 < ids.length; at++) counts.merge(new Pair(ids[at], ids[at + 1]), count, Long::sum);
        }

        void merge(Pair pair, int joined) {
            int length = 0;
            for (int at = 0; at < ids.length; at++) {
                boolean here = at + 1 < ids.length && ids[at] == pair.left() && ids[at + 1] == pair.right();
                ids[length++] = here ? joined : ids[at];
                if (here) at++;
            }
            if (length < ids.length) ids = Arrays.copyOf(ids, length);
        }
    }
}
