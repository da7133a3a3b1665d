package dev.perennial.learning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Shape of an adapter: what PEFT's {@code adapter_config.json} can say of it, with PEFT's meaning.
 *
 * @param rank R where {@code rankPattern} says nothing else, 1 to 1024
 * @param alpha where {@code alphaPattern} says nothing else; the product B A is scaled by alpha / R
 * @param dropout probability of dropping an input of the low-rank path in training
 * @param targets which modules are changed
 * @param excluded which of the targets are left alone
 * @param rankStabilised scale by alpha / sqrt(R) instead (rsLoRA, Kalajdzievski 2023)
 * @param layers numbers of the layers that are changed; empty for all. It does not hold for modules that the targets
 *     name by their whole path
 * @param layersPattern what stands before the number of a layer, as regular expressions; empty for anything
 */
public record LoraSettings(
        int rank,
        double alpha,
        double dropout,
        ModuleSelection targets,
        Optional<ModuleSelection> excluded,
        boolean rankStabilised,
        ModulePattern<Integer> rankPattern,
        ModulePattern<Double> alphaPattern,
        List<Integer> layers,
        List<String> layersPattern) {
    static final int LARGEST_RANK = 1024;
    private static final int MOST_LAYERS = 4096;
    private static final int MOST_LAYER_PATTERNS = 8;

    public LoraSettings {
        layers = List.copyOf(layers);
        layersPattern = List.copyOf(layersPattern);
        checkRank("rank", rank);
        checkAlpha("alpha", alpha);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new LearningException("a LoRA has a dropout of 0 to below 1; got " + dropout);
        }
        rankPattern.entries().forEach((key, value) -> checkRank("rank of '" + key + "'", value));
        alphaPattern.entries().forEach((key, value) -> checkAlpha("alpha of '" + key + "'", value));
        if (layers.size() > MOST_LAYERS || layers.stream().anyMatch(layer -> layer < 0)) {
            throw new LearningException(
                    "layers are at most " + MOST_LAYERS + " numbers from 0 on; got " + layers.size() + " numbers");
        }
        if (!layers.isEmpty() && targets instanceof ModuleSelection.Matching) {
            throw new LearningException("layers go with targets by name, not with the regular expression " + targets
                    + ", which can say them itself");
        }
        if ((!layersPattern.isEmpty() && layers.isEmpty()) || layersPattern.size() > MOST_LAYER_PATTERNS) {
            throw new LearningException("a pattern of layers goes with numbers of layers and has at most "
                    + MOST_LAYER_PATTERNS + " expressions; got " + layers.size() + " numbers and "
                    + layersPattern.size() + " expressions");
        }
        layersPattern.forEach(LoraSettings::layersExpression);
    }

    /**
     * The same rank and scale everywhere.
     *
     * @param targets names of projections, such as {@code q_proj}, or whole paths of modules, or {@code all-linear}
     */
    public LoraSettings(int rank, double alpha, double dropout, List<String> targets) {
        this(
                rank,
                alpha,
                dropout,
                known(targets),
                Optional.empty(),
                false,
                ModulePattern.none(),
                ModulePattern.none(),
                List.of(),
                List.of());
    }

    private static ModuleSelection known(List<String> targets) {
        if (targets.contains(ModuleSelection.ALL_LINEAR)) {
            return new ModuleSelection.AllLinear();
        }
        for (String target : targets) {
            // a name that no model has would be overlooked beside names that every model has
            if (!ModelShape.PROJECTIONS.contains(target.substring(target.lastIndexOf('.') + 1))) {
                throw new LearningException("unknown LoRA target '" + target + "'; known: " + ModuleSelection.ALL_LINEAR
                        + ", " + String.join(", ", ModelShape.PROJECTIONS));
            }
        }
        return new ModuleSelection.Named(targets);
    }

    private static void checkRank(String what, int rank) {
        if (rank < 1 || rank > LARGEST_RANK) {
            throw new LearningException("a LoRA has a rank of 1 to " + LARGEST_RANK + "; got " + what + " " + rank);
        }
    }

    private static void checkAlpha(String what, double alpha) {
        if (!(alpha > 0 && alpha < 1e6)) {
            throw new LearningException("a LoRA has an alpha above 0 and below 1000000; got " + what + " " + alpha);
        }
    }

    /** Whether the adapter changes a projection; its index is into {@link ModelShape#PROJECTIONS}. */
    public boolean covers(int layer, int projection) {
        return selects(new LoraModule(layer, projection).path());
    }

    /** R of a projection, whether or not it is covered. */
    public int rank(int layer, int projection) {
        return rankPattern.of(new LoraModule(layer, projection).path()).orElse(rank);
    }

    /** What B A is multiplied by; 0 where the projection is not covered. */
    public double scale(int layer, int projection) {
        LoraModule module = new LoraModule(layer, projection);
        if (!selects(module.path())) {
            return 0;
        }
        double numerator = alphaPattern.of(module.path()).orElse(alpha);
        int rank = rank(layer, projection);
        return numerator / (rankStabilised ? Math.sqrt(rank) : rank);
    }

    /** PEFT's check_target_module_exists, for any module of a model. */
    private boolean selects(String path) {
        if (excluded.isPresent() && excluded.get().selects(path)) {
            return false;
        }
        if (!targets.selects(path)) {
            return false;
        }
        boolean whole = targets instanceof ModuleSelection.Named named && named.selectsWhole(path);
        return whole || layers.isEmpty() || inLayers(path);
    }

    private boolean inLayers(String path) {
        // the one number in the path of a projection is its layer's, so PEFT's search for the first number finds it
        Optional<LoraModule> module = LoraModule.parse(path);
        return module.isPresent()
                && layers.contains(module.get().layer())
                && (layersPattern.isEmpty()
                        || layersPattern.stream()
                                .anyMatch(pattern -> layersExpression(pattern).begins(path)));
    }

    private static ModuleExpression layersExpression(String pattern) {
        return new ModuleExpression("(?:^|.*?\\.)" + pattern + "\\.(?P<idx>\\d+)\\.");
    }

    /**
     * Checks that a model has what the adapter is to change.
     *
     * @param depth number of layers of the model
     * @throws LearningException where nothing is covered, or where PEFT would also change what is no projection
     */
    void checkAgainst(int depth) {
        boolean any = false;
        for (int layer = 0; layer < depth; layer++) {
            for (int projection = 0; projection < ModelShape.PROJECTIONS.size(); projection++) {
                any |= covers(layer, projection);
            }
        }
        if (!any) {
            throw new LearningException("the adapter matches no layer of the base: its targets are " + targets
                    + excluded.map(modules -> ", without " + modules).orElse("")
                    + (layers.isEmpty() ? "" : ", in layers " + layers) + "; the base has layers 0 to " + (depth - 1)
                    + " with " + String.join(", ", ModelShape.PROJECTIONS));
        }
        for (String path : others(depth)) {
            if (selects(path)) {
                throw new LearningException("the adapter's targets " + targets + " also match " + path
                        + "; supported are the projections of the layers: "
                        + String.join(", ", ModelShape.PROJECTIONS));
            }
        }
    }

    /** Modules of a model that are no projections of its layers. */
    private static List<String> others(int depth) {
        List<String> paths = new ArrayList<>(
                List.of("lm_head", "model", "model.embed_tokens", "model.layers", "model.norm", "model.rotary_emb"));
        for (int layer = 0; layer < depth; layer++) {
            String prefix = "model.layers." + layer;
            paths.add(prefix);
            for (String part : List.of(
                    "self_attn",
                    "self_attn.q_norm",
                    "self_attn.k_norm",
                    "mlp",
                    "mlp.act_fn",
                    "input_layernorm",
                    "post_attention_layernorm")) {
                paths.add(prefix + "." + part);
            }
        }
        return paths;
    }
}
