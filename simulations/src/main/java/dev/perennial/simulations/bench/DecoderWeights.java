package dev.perennial.simulations.bench;

import dev.perennial.learning.ModelShape;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a Llama decoder as a checkpoint names them. */
final class DecoderWeights {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";

    private DecoderWeights() {}

    /**
     * One tensor.
     *
     * @param dimensions [out, in] of a projection, [D] of a norm
     */
    record Weight(String name, List<Long> dimensions) {
        long elements() {
            return dimensions.stream().reduce(1L, Math::multiplyExact);
        }

        boolean projection() {
            return name.contains("_proj");
        }
    }

    /** All tensors, embedding first; a tied head has none of its own. */
    static List<Weight> of(ModelShape shape) {
        List<Weight> weights = new ArrayList<>();
        weights.add(weight(EMBEDDING, shape.vocabulary(), shape.hidden()));
        for (int layer = 0; layer < shape.layers(); layer++) {
            weights.addAll(layer(shape, layer));
        }
        weights.add(weight("model.norm.weight", shape.hidden()));
        if (!shape.tied()) {
            weights.add(weight(HEAD, shape.vocabulary(), shape.hidden()));
        }
        return weights;
    }

    /** The tensors of one layer, projections first. */
    static List<Weight> layer(ModelShape shape, int layer) {
        String attention = "model.layers." + layer + ".self_attn.";
        String mlp = "model.layers." + layer + ".mlp.";
        int query = shape.heads() * shape.headWidth();
        int key = shape.kvHeads() * shape.headWidth();
        int hidden = shape.hidden();
        return List.of(
                weight(attention + "q_proj.weight", query, hidden),
                weight(attention + "k_proj.weight", key, hidden),
                weight(attention + "v_proj.weight", key, hidden),
                weight(attention + "o_proj.weight", hidden, query),
                weight(mlp + "gate_proj.weight", shape.intermediate(), hidden),
                weight(mlp + "up_proj.weight", shape.intermediate(), hidden),
                weight(mlp + "down_proj.weight", hidden, shape.intermediate()),
                weight("model.layers." + layer + ".input_layernorm.weight", hidden),
                weight("model.layers." + layer + ".post_attention_layernorm.weight", hidden));
    }

    /** How many numbers a model of this shape holds. */
    static long count(ModelShape shape) {
        return of(shape).stream().mapToLong(Weight::elements).sum();
    }

    private static Weight weight(String name, long... dimensions) {
        return new Weight(name, java.util.Arrays.stream(dimensions).boxed().toList());
    }
}
