package dev.perennial.learning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes one adapter of several, by arithmetic on their factors alone. The result has scale 1 everywhere: weights and
 * scales of what goes in are folded into the factors.
 */
public final class AdapterMerging {
    private static final int MOST = 64;

    private AdapterMerging() {}

    /**
     * One adapter that goes into the result.
     *
     * @param name what errors call it
     * @param weight finite; below 0 takes the adapter away
     */
    public record Input(String name, AdapterFiles adapter, double weight) {}

    /**
     * Sums the factors: A = Σ sign(w s) sqrt|w s| A_i and B = Σ sqrt|w s| B_i with weight w and scale s, as PEFT's
     * {@code add_weighted_adapter(combination_type="linear")} does. Cheap, but the products of different adapters' A and B
     * come in too, so that it is the weighted sum of what the adapters do only for adapters that are alike.
     *
     * <p>PEFT's result keeps {@code use_rslora} of the first adapter, which scales it once more; this one does not.
     *
     * @param inputs 1 to 64, of one base and with the same rank wherever two of them change the same module
     * @throws LearningException where they are not; it names the adapter
     */
    public static AdapterFiles linear(List<Input> inputs) {
        return merge(inputs, AdapterMerging::sum);
    }

    /**
     * Puts the factors side by side: A = [w_1 s_1 A_1; …], B = [B_1, …], so that B A is exactly the weighted sum of what
     * the adapters do, at the price that ranks add up (PEFT's {@code combination_type="cat"}).
     *
     * @param inputs 1 to 64, of one base, their ranks at most 1024 together
     * @throws LearningException where they are not
     */
    public static AdapterFiles cat(List<Input> inputs) {
        return merge(inputs, AdapterMerging::concatenation);
    }

    /** Makes the factors of one module from those of the adapters that have it, at least one. */
    private interface Method {
        AdapterFiles.Factors apply(LoraModule module, List<Share> shares);
    }

    /** What one adapter gives to a module; the scale has its weight in it. */
    private record Share(String name, AdapterFiles.Factors factors, double scale) {}

    private static AdapterFiles merge(List<Input> inputs, Method method) {
        Optional<String> digest = check(inputs);
        SortedMap<LoraModule, List<Share>> shares = new TreeMap<>();
        for (Input input : inputs) {
            input.adapter().modules().forEach((module, factors) -> {
                List<Share> earlier = shares.computeIfAbsent(module, m -> new ArrayList<>());
                earlier.add(new Share(
                        input.name(), factors, input.weight() * input.adapter().scale(module)));
                checkWidths(module, earlier.get(0), earlier.get(earlier.size() - 1));
            });
        }
        SortedMap<LoraModule, AdapterFiles.Factors> merged = new TreeMap<>();
        shares.forEach((module, each) -> merged.put(module, method.apply(module, each)));
        return new AdapterFiles(settings(inputs, merged), digest, merged);
    }

    /** The digest of the base that all inputs which know theirs have in common. */
    private static Optional<String> check(List<Input> inputs) {
        if (inputs.isEmpty() || inputs.size() > MOST) {
            throw new LearningException("1 to " + MOST + " adapters are merged; got " + inputs.size());
        }
        Optional<Input> known = Optional.empty();
        for (Input input : inputs) {
            if (!Double.isFinite(input.weight())) {
                throw new LearningException(
                        "expected a finite weight of adapter " + input.name() + "; got " + input.weight());
            }
            Optional<String> digest = input.adapter().baseDigest();
            if (digest.isEmpty()) {
                continue;
            }
            if (known.isPresent() && !known.get().adapter().baseDigest().equals(digest)) {
                throw new LearningException("adapters of different bases cannot be merged: " + input.name()
                        + " was trained on a base with digest " + digest.get() + ", "
                        + known.get().name() + " on "
                        + known.get().adapter().baseDigest().orElseThrow());
            }
            known = Optional.of(input);
        }
        return known.flatMap(input -> input.adapter().baseDigest());
    }

    private static void checkWidths(LoraModule module, Share first, Share share) {
        if (share.factors().in() != first.factors().in()
                || share.factors().out() != first.factors().out()) {
            throw new LearningException("adapters of different bases cannot be merged: " + module.path() + " goes from "
                    + share.factors().in() + " to " + share.factors().out() + " values in " + share.name() + ", from "
                    + first.factors().in() + " to " + first.factors().out() + " in " + first.name());
        }
    }

    private static AdapterFiles.Factors sum(LoraModule module, List<Share> shares) {
        Share first = shares.get(0);
        AdapterFiles.Factors shape = first.factors();
        double[] down = new double[shape.rank() * shape.in()];
        double[] up = new double[shape.out() * shape.rank()];
        for (Share share : shares) {
            if (share.factors().rank() != shape.rank()) {
                throw new LearningException("linear merging needs equal ranks: " + module.path() + " has rank "
                        + share.factors().rank() + " in " + share.name() + ", " + shape.rank() + " in " + first.name()
                        + "; cat merges different ranks");
            }
            double root = Math.sqrt(Math.abs(share.scale()));
            add(down, share.factors().down().floats(), Math.copySign(root, share.scale()));
            add(up, share.factors().up().floats(), root);
        }
        return factors(module, shape.rank(), shape, down, up);
    }

    private static void add(double[] sum, float[] values, double factor) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }

    private static AdapterFiles.Factors concatenation(LoraModule module, List<Share> shares) {
        int rank = shares.stream().mapToInt(share -> share.factors().rank()).sum();
        if (rank > LoraSettings.LARGEST_RANK) {
            throw new LearningException("the ranks of " + module.path() + " add up to " + rank + "; at most "
                    + LoraSettings.LARGEST_RANK + " are supported");
        }
        AdapterFiles.Factors shape = shares.get(0).factors();
        double[] down = new double[rank * shape.in()];
        double[] up = new double[shape.out() * rank];
        int begin = 0;
        for (Share share : shares) {
            float[] a = share.factors().down().floats();
            for (int i = 0; i < a.length; i++) {
                down[begin * shape.in() + i] = share.scale() * a[i];
            }
            float[] b = share.factors().up().floats();
            int width = share.factors().rank();
            for (int i = 0; i < b.length; i++) {
                up[i / width * rank + begin + i % width] = b[i];
            }
            begin += width;
        }
        return factors(module, rank, shape, down, up);
    }

    private static AdapterFiles.Factors factors(
            LoraModule module, int rank, AdapterFiles.Factors shape, double[] down, double[] up) {
        return new AdapterFiles.Factors(
                Safetensors.Tensor.of(rounded(module, down), rank, shape.in()),
                Safetensors.Tensor.of(rounded(module, up), shape.out(), rank));
    }

    private static float[] rounded(LoraModule module, double[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
            if (!Float.isFinite(rounded[i])) {
                throw new LearningException("the merged " + module.path() + " has a value that is " + rounded[i]
                        + "; smaller weights or sound adapters are needed");
            }
        }
        return rounded;
    }

    /** Settings that cover exactly the merged modules, each with its rank and scale 1. */
    private static LoraSettings settings(List<Input> inputs, SortedMap<LoraModule, AdapterFiles.Factors> merged) {
        int rank = merged.values().stream()
                .mapToInt(AdapterFiles.Factors::rank)
                .max()
                .orElseThrow();
        Map<String, Integer> rankPattern = new LinkedHashMap<>();
        Map<String, Double> alphaPattern = new LinkedHashMap<>();
        merged.forEach((module, factors) -> {
            if (factors.rank() != rank) {
                rankPattern.put(module.path(), factors.rank());
                alphaPattern.put(module.path(), (double) factors.rank());
            }
        });
        List<String> targets = inputs.stream().allMatch(AdapterMerging::coversByName)
                ? merged.keySet().stream().map(LoraModule::name).distinct().toList()
                : merged.keySet().stream().map(LoraModule::path).toList();
        return new LoraSettings(
                rank,
                rank,
                inputs.get(0).adapter().settings().dropout(),
                new ModuleSelection.Named(targets),
                Optional.empty(),
                false,
                new ModulePattern<>(rankPattern),
                new ModulePattern<>(alphaPattern),
                List.of(),
                List.of());
    }

    /** Whether an adapter changes a projection in every layer or in none, however many layers the base has. */
    private static boolean coversByName(Input input) {
        LoraSettings settings = input.adapter().settings();
        boolean plain = settings.excluded().isEmpty() && settings.layers().isEmpty();
        return plain
                && (settings.targets() instanceof ModuleSelection.AllLinear
                        || (settings.targets() instanceof ModuleSelection.Named named
                                && named.names().stream().noneMatch(name -> name.contains("."))));
    }
}
