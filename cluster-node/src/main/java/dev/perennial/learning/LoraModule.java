package dev.perennial.learning;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A linear projection that a LoRA may change.
 *
 * @param layer from 0
 * @param projection index into {@link ModelShape#PROJECTIONS}
 */
record LoraModule(int layer, int projection) implements Comparable<LoraModule> {
    private static final Pattern PATH =
            Pattern.compile("model\\.layers\\.(0|[1-9][0-9]{0,5})\\.(self_attn|mlp)\\.([a-z]+_proj)");
    private static final Comparator<LoraModule> ORDER =
            Comparator.comparingInt(LoraModule::layer).thenComparingInt(LoraModule::projection);

    /** The module's path in a Hugging Face model, such as {@code model.layers.1.self_attn.q_proj}. */
    String path() {
        return "model.layers." + layer + "." + ModelShape.block(projection) + "." + name();
    }

    /** The last part of the path, such as {@code q_proj}. */
    String name() {
        return ModelShape.PROJECTIONS.get(projection);
    }

    /** The module of a path; empty where the path is of something else. */
    static Optional<LoraModule> parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int projection = ModelShape.PROJECTIONS.indexOf(matcher.group(3));
        return projection >= 0 && ModelShape.block(projection).equals(matcher.group(2))
                ? Optional.of(new LoraModule(Integer.parseInt(matcher.group(1)), projection))
                : Optional.empty();
    }

    @Override
    public int compareTo(LoraModule other) {
        return ORDER.compare(this, other);
    }
}
