package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.AdapterMerging.Input;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterMergingTest {
    private static final LoraModule QUERY = new LoraModule(0, 0);
    private static final LoraModule VALUE = new LoraModule(1, 2);
    /** Factors are rounded to F32 once. */
    private static final double ROUNDING = 1e-6;

    private final SplittableRandom random = new SplittableRandom(7);

    /** A = 3·2 A_1, -1·4 A_2 one below the other, B side by side; worked by hand. */
    @Test
    void putsFactorsSideBySide() {
        AdapterFiles merged = AdapterMerging.cat(List.of(
                new Input("one", single(1, 2, new float[] {1, 2}, new float[] {5, 6}), 3),
                new Input("two", single(1, 4, new float[] {3, 4}, new float[] {7, 8}), -1)));
        AdapterFiles.Factors factors = merged.factors(QUERY);
        assertArrayEquals(new float[] {6, 12, -12, -16}, factors.down().floats());
        assertArrayEquals(new float[] {5, 7, 6, 8}, factors.up().floats());
        assertEquals(2, merged.settings().rank());
        assertEquals(1, merged.scale(QUERY));
    }

    /** w s is 9 for the first, -4 for the second: A = 3 A_1 - 2 A_2, B = 3 B_1 + 2 B_2. */
    @Test
    void sumsFactorsWithTheRootsOfTheirWeights() {
        AdapterFiles merged = AdapterMerging.linear(List.of(
                new Input("one", single(1, 3, new float[] {1, 2}, new float[] {5, 6}), 3),
                new Input("two", single(1, 4, new float[] {3, 4}, new float[] {7, 8}), -1)));
        AdapterFiles.Factors factors = merged.factors(QUERY);
        assertArrayEquals(new float[] {-3, -2}, factors.down().floats());
        assertArrayEquals(new float[] {29, 34}, factors.up().floats());
        assertEquals(1, merged.settings().rank());
        assertEquals(1, merged.scale(QUERY));
    }

    @Test
    void concatenationDoesExactlyTheWeightedSumOfWhatTheAdaptersDo() {
        AdapterFiles first = files(settings(4, true, Map.of(), "q_proj", "v_proj"), "abc");
        AdapterFiles second = files(settings(3, false, Map.of("v_proj", 5), "v_proj", "k_proj"), "abc");
        AdapterFiles third = files(settings(2, false, Map.of(), "model.layers.1.self_attn.v_proj"), null);
        List<Input> inputs =
                List.of(new Input("1", first, 0.7), new Input("2", second, -1.3), new Input("3", third, 2));
        AdapterFiles merged = AdapterMerging.cat(inputs);
        assertEquals(Optional.of("abc"), merged.baseDigest());
        assertEquals(6, merged.modules().size());
        merged.modules().forEach((module, factors) -> {
            double[] expected = new double[6 * 5];
            for (Input input : inputs) {
                if (input.adapter().modules().containsKey(module)) {
                    add(expected, delta(input.adapter(), module), input.weight());
                }
            }
            assertArrayEquals(expected, delta(merged, module), ROUNDING, module.path());
        });
        assertEquals(4 + 5 + 2, merged.factors(VALUE).rank());
        assertEquals(4 + 5, merged.factors(new LoraModule(0, 2)).rank());
        assertEquals(4, merged.factors(QUERY).rank());
        assertEquals(3, merged.factors(new LoraModule(1, 1)).rank());
    }

    @Test
    void oneAdapterIsWeighedToo() {
        AdapterFiles one = files(settings(4, true, Map.of(), "q_proj"), null);
        for (Function<List<Input>, AdapterFiles> method :
                List.<Function<List<Input>, AdapterFiles>>of(AdapterMerging::cat, AdapterMerging::linear)) {
            AdapterFiles merged = method.apply(List.of(new Input("one", one, -0.5)));
            double[] expected = new double[6 * 5];
            add(expected, delta(one, QUERY), -0.5);
            assertArrayEquals(expected, delta(merged, QUERY), ROUNDING);
        }
    }

    @Test
    void writesWhatItReadsBack(@TempDir Path directory) {
        AdapterFiles merged = AdapterMerging.cat(List.of(
                new Input("1", files(settings(4, true, Map.of(), "q_proj"), "abc"), 1),
                new Input("2", files(settings(3, false, Map.of(), "1.self_attn.v_proj"), "abc"), 1)));
        merged.write(directory);
        AdapterFiles again = AdapterFiles.read(directory);
        assertEquals(merged.settings(), again.settings());
        assertEquals(merged.baseDigest(), again.baseDigest());
        assertEquals(merged.paths(), again.paths());
        // an adapter that is not on every layer is named by whole paths, so that nothing else is covered
        assertEquals(new ModuleSelection.Named(again.paths()), again.settings().targets());
    }

    @Test
    void refusesByNameOfTheAdapter() {
        AdapterFiles four = files(settings(4, false, Map.of(), "q_proj"), "abc");
        AdapterFiles three = files(settings(3, false, Map.of(), "q_proj"), null);
        AdapterFiles other = files(settings(4, false, Map.of(), "q_proj"), "xyz");
        AdapterFiles narrow = single(1, 1, new float[] {1, 2}, new float[] {3, 4});
        AdapterFiles large = files(settings(600, false, Map.of(), "q_proj"), null);
        Input plain = new Input("plain", four, 1);
        refused(AdapterMerging::linear, List.of(plain, new Input("thin", three, 1)), "rank 3 in thin, 4 in plain");
        refused(AdapterMerging::cat, List.of(plain, new Input("alien", other, 1)), "alien was trained on a base");
        refused(AdapterMerging::cat, List.of(plain, new Input("narrow", narrow, 1)), "from 2 to 2 values in narrow");
        refused(AdapterMerging::cat, List.of(plain, new Input("odd", four, Double.NaN)), "weight of adapter odd");
        refused(AdapterMerging::linear, List.of(new Input("loud", four, 1e300)), "model.layers.0.self_attn.q_proj");
        refused(
                AdapterMerging::cat,
                List.of(new Input("a", large, 1), new Input("b", large, 1)),
                "add up to 1200; at most 1024");
        refused(AdapterMerging::cat, List.of(), "got 0");
        refused(AdapterMerging::cat, Collections.nCopies(65, plain), "got 65");
    }

    private static void refused(Function<List<Input>, AdapterFiles> method, List<Input> inputs, String named) {
        var failure = assertThrows(LearningException.class, () -> method.apply(inputs));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
    }

    /** One module of one rank, [1, 2] and [2, 1]. */
    private static AdapterFiles single(int rank, double alpha, float[] down, float[] up) {
        return new AdapterFiles(
                new LoraSettings(rank, alpha, 0, List.of("q_proj")),
                Optional.empty(),
                Map.of(
                        QUERY,
                        new AdapterFiles.Factors(
                                Safetensors.Tensor.of(down, rank, 2), Safetensors.Tensor.of(up, 2, rank))));
    }

    private static LoraSettings settings(int rank, boolean stabilised, Map<String, Integer> ranks, String... targets) {
        return new LoraSettings(
                rank,
                6,
                0,
                new ModuleSelection.Named(List.of(targets)),
                Optional.empty(),
                stabilised,
                new ModulePattern<>(ranks),
                ModulePattern.none(),
                List.of(),
                List.of());
    }

    /** Random factors, [R, 5] and [6, R], for two layers. */
    private AdapterFiles files(LoraSettings settings, @org.jspecify.annotations.Nullable String digest) {
        SortedMap<LoraModule, AdapterFiles.Factors> modules = new TreeMap<>();
        for (int layer = 0; layer < 2; layer++) {
            for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
                if (settings.covers(layer, projection)) {
                    int rank = settings.rank(layer, projection);
                    modules.put(
                            new LoraModule(layer, projection),
                            new AdapterFiles.Factors(
                                    Safetensors.Tensor.of(values(rank * 5), rank, 5),
                                    Safetensors.Tensor.of(values(6 * rank), 6, rank)));
                }
            }
        }
        return new AdapterFiles(settings, Optional.ofNullable(digest), modules);
    }

    private float[] values(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return values;
    }

    /** scale B A, [out * in], by direct multiplication. */
    private static double[] delta(AdapterFiles adapter, LoraModule module) {
        AdapterFiles.Factors factors = adapter.factors(module);
        float[] down = factors.down().floats();
        float[] up = factors.up().floats();
        double[] delta = new double[factors.out() * factors.in()];
        for (int i = 0; i < factors.out(); i++) {
            for (int j = 0; j < factors.in(); j++) {
                for (int r = 0; r < factors.rank(); r++) {
                    delta[i * factors.in() + j] +=
                            adapter.scale(module) * up[i * factors.rank() + r] * down[r * factors.in() + j];
                }
            }
        }
        return delta;
    }

    private static void add(double[] sum, double[] values, double weight) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * values[i];
        }
    }
}
