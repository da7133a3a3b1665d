package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.continual.UpdateSet.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What of the new is worth learning, and what first. With l(x) the mean negative log-likelihood of a learned token of example
 * x under the parent and b(x) the same under the base, nats:
 *
 * <ul>
 *   <li>conflict: one question with different answers within the new ones. None of them is learned, for their mean is nobody's
 *       answer. (An answer that is newer than what was learned <em>earlier</em> is no conflict but a change.)
 *   <li>known: greedy decoding of the parent gives exactly the answer. To keep, not to learn;
 *   <li>outlier: both l(x) and b(x) lie more than 3.5 robust standard deviations above the median of the unknown examples of
 *       its kind, answers or documents: sigma = 1.4826 MAD (the modified z-score of Iglewicz and Hoaglin 1993), at least half a
 *       nat, of ten examples or more. Neither what the base knew nor what the lineage has learned since explains it: it is taken
 *       for noise. Where the lineage alone finds it unlikely, it is one to be corrected. Changed facts are unlikely as well, by a
 *       spread as wide as their base was sure of the old ones; the bound moves out with it, and noise below it is learned;
 *   <li>the others in the order of the gap g(x) = l(x) + (l(x) - b(x)), largest first: what the parent does not know, and of
 *       that first what the lineage knows worse than its base did. The excess over a reference model is what RHO-loss ranks by
 *       (Mindermann et al. 2022, equation 3), with the base in the place of their model of held-out data.
 * </ul>
 *
 * Costs a forward pass of the parent over the new examples, and one of the base where the parent is not the base itself.
 */
final class KnowledgeGap {
    private static final double DEVIATIONS = 3.5;
    private static final double SIGMA_OF_MAD = 1.4826;
    private static final double LEAST_SIGMA = 0.5;
    private static final int LEAST_EXAMPLES = 10;

    private KnowledgeGap() {}

    /**
     * What two models make of one example.
     *
     * @param judged whether its answer is right or wrong
     * @param right whether the parent answers it right
     * @param parent mean loss of a learned token under the parent, nats
     * @param base the same under the base
     */
    record Measured(String id, boolean judged, boolean right, double parent, double base) {
        double gap() {
            return parent + (parent - base);
        }
    }

    /**
     * Ids of examples.
     *
     * @param unknown to be learned, in that order
     */
    record Choice(List<String> unknown, List<String> known, List<String> outliers) {}

    /** Those of the items that answer one question differently: the ids of each such question, in the order of the items. */
    static List<List<String>> conflicts(List<Item> items) {
        Map<String, Map<String, Question>> asked = new LinkedHashMap<>();
        for (Item item : items) {
            item.question()
                    .ifPresent(question -> asked.computeIfAbsent(question.asked(), key -> new LinkedHashMap<>())
                            .put(item.id(), question));
        }
        return asked.values().stream()
                .filter(answers -> answers.values().stream()
                                .map(Question::answered)
                                .distinct()
                                .count()
                        > 1)
                .map(answers -> List.copyOf(answers.keySet()))
                .toList();
    }

    static Choice choose(List<Measured> examples) {
        List<String> known = examples.stream()
                .filter(KnowledgeGap::isKnown)
                .map(Measured::id)
                .toList();
        List<Measured> unknown = new ArrayList<>();
        List<String> outliers = new ArrayList<>();
        for (boolean judged : new boolean[] {true, false}) {
            List<Measured> kind = examples.stream()
                    .filter(each -> each.judged() == judged && !isKnown(each))
                    .toList();
            double parent = highest(kind, Measured::parent);
            double base = highest(kind, Measured::base);
            for (Measured each : kind) {
                if (each.parent() > parent && each.base() > base) {
                    outliers.add(each.id());
                } else {
                    unknown.add(each);
                }
            }
        }
        // A stable order: equals stay as they came.
        unknown.sort(Comparator.comparingDouble(each -> -each.gap()));
        return new Choice(unknown.stream().map(Measured::id).toList(), known, outliers);
    }

    private static boolean isKnown(Measured example) {
        return example.judged() && example.right();
    }

    /** The highest loss that is none of an outlier. */
    private static double highest(List<Measured> examples, ToDoubleFunction<Measured> loss) {
        if (examples.size() < LEAST_EXAMPLES) {
            return Double.POSITIVE_INFINITY;
        }
        double[] losses = examples.stream().mapToDouble(loss).toArray();
        double median = median(losses);
        double deviation = median(
                Arrays.stream(losses).map(each -> Math.abs(each - median)).toArray());
        return median + DEVIATIONS * Math.max(LEAST_SIGMA, SIGMA_OF_MAD * deviation);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** In the order in which their first items come. */
    static List<Measured> measure(BaseModel base, Adapter parent, List<Item> items) {
        List<Sequence> sequences = items.stream().map(Item::sequence).toList();
        List<Scoring.Result> now = Scoring.score(base, parent, sequences);
        List<Scoring.Result> before = now;
        if (parent.settings().isPresent()) {
            try (Adapter bare = Adapter.none(base)) {
                before = Scoring.score(base, bare, sequences);
            }
        }
        Map<String, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            places.computeIfAbsent(items.get(i).id(), id -> new ArrayList<>()).add(i);
        }
        List<Measured> measured = new ArrayList<>();
        for (Map.Entry<String, List<Integer>> each : places.entrySet()) {
            measured.add(new Measured(
                    each.getKey(),
                    each.getValue().stream().allMatch(i -> sequences.get(i).judged()),
                    each.getValue().stream().map(now::get).allMatch(Scoring.Result::right),
                    loss(each.getValue(), now),
                    loss(each.getValue(), before)));
        }
        return measured;
    }

    private static double loss(List<Integer> places, List<Scoring.Result> results) {
        double logProbability = 0;
        long tokens = 0;
        for (int place : places) {
            logProbability += results.get(place).logProbability();
            tokens += results.get(place).tokens();
        }
        return -logProbability / tokens;
    }

    /** The items of the examples, in the order of the ids. */
    static List<Item> items(List<Item> all, List<String> ids) {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < ids.size(); i++) {
            places.put(ids.get(i), i);
        }
        Map<Integer, List<Item>> found = new TreeMap<>();
        for (Item item : all) {
            Integer place = places.get(item.id());
            if (place != null) {
                found.computeIfAbsent(place, key -> new ArrayList<>()).add(item);
            }
        }
        return found.values().stream().flatMap(List::stream).toList();
    }
}
