package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Hand-made lists of modules for three layers, written as layer.projection. */
class LoraSettingsTest {
    private static final int LAYERS = 3;

    @Test
    void takesNamesByTheEndOfThePathOrTheWholePath() {
        assertEquals(List.of("0.q_proj", "1.q_proj", "2.q_proj"), covered(named("q_proj")));
        assertEquals(List.of("1.q_proj"), covered(named("1.self_attn.q_proj")));
        assertEquals(List.of("2.up_proj"), covered(named("model.layers.2.mlp.up_proj", "absent")));
        assertEquals(List.of(), covered(named("proj")));
    }

    @Test
    void takesAnExpressionForTheWholePath() {
        assertEquals(List.of("1.q_proj", "1.v_proj"), covered(ModuleSelection.matching(".*\\.1\\..*(q|v)_proj")));
        assertEquals(List.of(), covered(ModuleSelection.matching("q_proj")));
        assertEquals(
                LAYERS * ModelShape.PROJECTIONS.size(),
                covered(ModuleSelection.matching("ALL-linear")).size());
    }

    @Test
    void limitsNamesToLayersButNotWholePaths() {
        ModuleSelection targets = named("q_proj", "model.layers.0.mlp.up_proj");
        assertEquals(List.of("0.up_proj", "2.q_proj"), covered(inLayers(targets, List.of(2, 9), List.of())));
        assertEquals(List.of("0.up_proj", "2.q_proj"), covered(inLayers(targets, List.of(2), List.of("h", "layers"))));
        assertEquals(List.of("0.up_proj"), covered(inLayers(targets, List.of(2), List.of("h"))));
        assertEquals(List.of("1.q_proj"), covered(inLayers(named("q_proj"), List.of(1), List.of("lay.*"))));
    }

    @Test
    void leavesOutWhatIsExcluded() {
        LoraSettings settings = new LoraSettings(
                4,
                8,
                0,
                named("q_proj", "k_proj"),
                Optional.of(ModuleSelection.matching(".*\\.(0|1)\\..*k_proj")),
                false,
                ModulePattern.none(),
                ModulePattern.none(),
                List.of(),
                List.of());
        assertEquals(List.of("0.q_proj", "1.q_proj", "2.q_proj", "2.k_proj"), covered(settings));
    }

    @Test
    void scalesByTheFirstPatternThatMatches() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("model.layers.0.self_attn.q_proj", 16);
        ranks.put("q_proj", 2);
        ranks.put(".*layers\\.1.*", 9);
        Map<String, Double> alphas = Map.of("^model.layers.2.self_attn.q_proj", 3.0, "proj", 100.0);
        LoraSettings plain = patterned(false, ranks, alphas);
        assertEquals(16, plain.rank(0, 0));
        assertEquals(2, plain.rank(1, 0));
        assertEquals(9, plain.rank(1, 1));
        assertEquals(4, plain.rank(0, 1));
        assertEquals(0.5, plain.scale(0, 0));
        assertEquals(4, plain.scale(1, 0));
        assertEquals(1.5, plain.scale(2, 0));
        assertEquals(0, plain.scale(0, 6));
        LoraSettings stabilised = patterned(true, ranks, alphas);
        assertEquals(2, stabilised.scale(0, 0));
        assertEquals(8 / Math.sqrt(2), stabilised.scale(1, 0), 1e-15);
        assertEquals(4, stabilised.scale(0, 1));
    }

    @Test
    void refusesAnAdapterThatMatchesNoLayerAndSaysWhatThereIs() {
        var failure = assertThrows(
                LearningException.class, () -> settings(named("c_attn", "wte")).checkAgainst(LAYERS));
        for (String part : List.of("c_attn, wte", "layers 0 to 2", "q_proj, k_proj")) {
            assertTrue(References.message(failure).contains(part), failure.getMessage());
        }
        var layers = assertThrows(
                LearningException.class,
                () -> inLayers(named("q_proj"), List.of(7), List.of()).checkAgainst(LAYERS));
        assertTrue(References.message(layers).contains("[7]"), layers.getMessage());
    }

    @Test
    void refusesTargetsThatPeftWouldTakeBeyondTheProjections() {
        for (ModuleSelection targets : List.of(
                named("q_proj", "lm_head"),
                ModuleSelection.matching("model.layers.*"),
                ModuleSelection.matching(".*(q_proj|embed_tokens)"))) {
            var failure = assertThrows(
                    LearningException.class, () -> settings(targets).checkAgainst(LAYERS));
            assertTrue(References.message(failure).contains("also match"), failure.getMessage());
        }
        settings(ModuleSelection.matching("all-linear")).checkAgainst(LAYERS);
    }

    @Test
    void refusesNumbersOutOfRangeAndLayersBesideAnExpression() {
        for (Map.Entry<Integer, Double> bad :
                List.of(Map.entry(0, 8.0), Map.entry(1025, 8.0), Map.entry(4, 0.0), Map.entry(4, Double.NaN))) {
            assertThrows(
                    LearningException.class,
                    () -> new LoraSettings(bad.getKey(), bad.getValue(), 0, List.of("q_proj")));
            assertThrows(
                    LearningException.class,
                    () -> patterned(false, Map.of("q_proj", bad.getKey()), Map.of("q_proj", bad.getValue())));
        }
        assertThrows(LearningException.class, () -> new LoraSettings(4, 8, 1, List.of("q_proj")));
        assertThrows(LearningException.class, () -> new LoraSettings(4, 8, 0, List.of()));
        assertThrows(LearningException.class, () -> new LoraSettings(4, 8, 0, List.of("qproj")));
        assertThrows(
                LearningException.class, () -> inLayers(ModuleSelection.matching(".*q_proj"), List.of(1), List.of()));
        assertThrows(LearningException.class, () -> inLayers(named("q_proj"), List.of(), List.of("layers")));
        assertThrows(LearningException.class, () -> inLayers(named("q_proj"), List.of(1), List.of("(")));
        assertThrows(LearningException.class, () -> patterned(false, Map.of("(", 4), Map.of()));
    }

    private static ModuleSelection named(String... names) {
        return new ModuleSelection.Named(List.of(names));
    }

    private static LoraSettings settings(ModuleSelection targets) {
        return inLayers(targets, List.of(), List.of());
    }

    private static LoraSettings inLayers(ModuleSelection targets, List<Integer> layers, List<String> layersPattern) {
        return new LoraSettings(
                4,
                8,
                0,
                targets,
                Optional.empty(),
                false,
                ModulePattern.none(),
                ModulePattern.none(),
                layers,
                layersPattern);
    }

    private static LoraSettings patterned(boolean stabilised, Map<String, Integer> ranks, Map<String, Double> alphas) {
        return new LoraSettings(
                4,
                8,
                0,
                named("q_proj", "k_proj"),
                Optional.empty(),
                stabilised,
                new ModulePattern<>(ranks),
                new ModulePattern<>(alphas),
                List.of(),
                List.of());
    }

    private static List<String> covered(ModuleSelection targets) {
        return covered(settings(targets));
    }

    private static List<String> covered(LoraSettings settings) {
        List<String> found = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
                if (settings.covers(layer, projection)) {
                    found.add(layer + "." + ModelShape.PROJECTIONS.get(projection));
                }
            }
        }
        return found;
    }
}
