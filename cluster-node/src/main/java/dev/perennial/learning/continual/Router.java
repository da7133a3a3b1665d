package dev.perennial.learning.continual;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends a prompt to the domain whose adapter is to answer it: one adapter a domain forgets nothing, as none is trained on what
 * is another's, and what is left to learn without forgetting is where a prompt belongs.
 *
 * <p>Binarised multinomial naive Bayes with domains equally likely beforehand (Wang and Manning 2012, section 2.1): with n(f, d)
 * the prompts of domain d that have the feature f, the answer is the domain of the largest sum over the prompt's features of
 * log (n(f, d) + a) / (sum of n over d's features + a F), a = 0.1. Features are the lower-case words and pairs of neighbours, each
 * in one of F = 2^16 buckets; those that no domain has seen tell nothing and are left out.
 *
 * <p>It holds sums alone, so that it is the same in whatever order domains come, and a new domain changes nothing of the others'
 * counts: there is no forgetting to prevent. Costs at most 2^16 numbers a domain, and for a prompt one look a feature and domain.
 * Not thread-safe.
 */
public final class Router {
    private static final int BUCKETS = 1 << 16;
    private static final double SMOOTHING = 0.1;
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");

    /** By domain, in the order of their names: prompts that have a feature. */
    private final Map<String, int[]> counts = new TreeMap<>();
    /** By domain, the sum of its counts. */
    private final Map<String, Long> sums = new TreeMap<>();

    /** Takes a prompt for one of a domain. */
    public void learn(String domain, String prompt) {
        int[] own = counts.computeIfAbsent(domain, name -> new int[BUCKETS]);
        Set<Integer> features = features(prompt);
        features.forEach(feature -> own[feature]++);
        sums.merge(domain, (long) features.size(), Long::sum);
    }

    /** The domain, of equals the first by name; empty before anything was learned. */
    public Optional<String> route(String prompt) {
        List<Integer> known = new ArrayList<>(features(prompt));
        known.removeIf(feature -> counts.values().stream().allMatch(each -> each[feature] == 0));
        String best = null;
        double highest = Double.NEGATIVE_INFINITY;
        for (Map.Entry<String, int[]> each : counts.entrySet()) {
            double all = sums.getOrDefault(each.getKey(), 0L) + SMOOTHING * BUCKETS;
            double score = 0;
            for (int feature : known) {
                score += Math.log((each.getValue()[feature] + SMOOTHING) / all);
            }
            if (score > highest) {
                best = each.getKey();
                highest = score;
            }
        }
        return Optional.ofNullable(best);
    }

    private static Set<Integer> features(String prompt) {
        Set<Integer> features = new LinkedHashSet<>();
        String before = "";
        Matcher words = WORD.matcher(prompt.toLowerCase(Locale.ROOT));
        while (words.find()) {
            String word = words.group();
            features.add(bucket(word));
            features.add(bucket(before + " " + word));
            before = word;
        }
        features.add(bucket(before + " "));
        return features;
    }

    /** The hash of a string is fixed by the language; its low bits alone would keep anagrams of a kind together. */
    private static int bucket(String feature) {
        int hash = feature.hashCode() * 0x9e3779b1;
        return hash >>> (Integer.SIZE - 16);
    }
}
