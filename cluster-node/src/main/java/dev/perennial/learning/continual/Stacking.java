package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.Adapter.Place;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.ModelShape;
import dev.perennial.learning.ModulePattern;
import dev.perennial.learning.ModuleSelection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A fresh adapter upon the parent's, as one adapter: A = [A_parent; A_fresh], B = [B_parent, B_fresh], so that
 * B A = B_parent A_parent + B_fresh A_fresh exactly. The parent's rows and columns are {@link #held}: they neither learn nor
 * decay, so that what came before stays bit for bit (the incremental part of O-LoRA, Wang et al. 2023, section 3.2).
 *
 * <p>Costs: ranks add up with every update, in bytes, in training and in serving, until 1024 end it; nothing is ever unlearned.
 * Where parent and fresh adapter change the same projection, the fresh part is scaled as the parent's is.
 *
 * @param adapter whoever made it closes it
 * @param held of each projection of each layer, the parent's rank, 0 where it has none
 */
record Stacking(Adapter adapter, List<Integer> held) {
    Stacking {
        held = List.copyOf(held);
    }

    /**
     * @param settings of the fresh part
     * @throws dev.perennial.learning.LearningException where the ranks come to more than 1024
     */
    static Stacking of(BaseModel base, Adapter parent, LoraSettings settings, long seed) {
        LoraSettings below = parent.settings().orElse(settings);
        boolean bare = parent.settings().isEmpty();
        List<Integer> held = new ArrayList<>();
        for (Place place : Adapter.places(base.shape())) {
            if (place.down()) {
                held.add(bare ? 0 : rank(below, place));
            }
        }
        try (Adapter fresh = Adapter.fresh(base, settings, seed)) {
            Adapter stacked = Adapter.build(
                    base,
                    bare ? settings : sum(base.shape(), below, settings),
                    (place, rows, columns) -> concatenation(place, rows, columns, parent, fresh));
            return new Stacking(stacked, held);
        }
    }

    private static int rank(LoraSettings settings, Place place) {
        return settings.covers(place.layer(), place.projection())
                ? settings.rank(place.layer(), place.projection())
                : 0;
    }

    private static float[] concatenation(Place place, int rows, int columns, Adapter parent, Adapter fresh) {
        float[] first = parent.values(place);
        float[] second = fresh.values(place);
        float[] all = new float[rows * columns];
        int left = place.down() ? columns : first.length / rows;
        // A: rows of the one, then rows of the other. B: each row of the one is followed by that of the other.
        int right = place.down() ? columns : second.length / rows;
        if (place.down()) {
            System.arraycopy(first, 0, all, 0, first.length);
            System.arraycopy(second, 0, all, first.length, second.length);
            return all;
        }
        for (int row = 0; row < rows; row++) {
            System.arraycopy(first, row * left, all, row * columns, left);
            System.arraycopy(second, row * right, all, row * columns + left, right);
        }
        return all;
    }

    /** Settings that cover what either covers, with the sum of the ranks and the lower one's scale. */
    private static LoraSettings sum(ModelShape shape, LoraSettings below, LoraSettings above) {
        Map<Place, Integer> ranks = new LinkedHashMap<>();
        Map<Place, Double> alphas = new LinkedHashMap<>();
        for (Place place : Adapter.places(shape)) {
            int rank = rank(below, place) + rank(above, place);
            if (place.down() && rank > 0) {
                LoraSettings scaled = below.covers(place.layer(), place.projection()) ? below : above;
                ranks.put(place, rank);
                alphas.put(place, scaled.scale(place.layer(), place.projection()) * rank);
            }
        }
        int rank = ranks.values().iterator().next();
        double alpha = alphas.values().iterator().next();
        Map<String, Integer> otherRanks = new LinkedHashMap<>();
        Map<String, Double> otherAlphas = new LinkedHashMap<>();
        ranks.forEach((place, own) -> {
            if (own != rank) {
                otherRanks.put(place.module(), own);
            }
        });
        alphas.forEach((place, own) -> {
            if (own != alpha) {
                otherAlphas.put(place.module(), own);
            }
        });
        return new LoraSettings(
                rank,
                alpha,
                above.dropout(),
                new ModuleSelection.Named(targets(shape, ranks.keySet())),
                Optional.empty(),
                false,
                new ModulePattern<>(otherRanks),
                new ModulePattern<>(otherAlphas),
                List.of(),
                List.of());
    }

    /** Names of projections where every layer has them or none does, else whole paths. */
    private static List<String> targets(ModelShape shape, Set<Place> covered) {
        Set<Integer> projections = new LinkedHashSet<>();
        covered.forEach(place -> projections.add(place.projection()));
        return covered.size() == shape.layers() * projections.size()
                ? projections.stream().map(ModelShape.PROJECTIONS::get).toList()
                : covered.stream().map(Place::module).toList();
    }
}
