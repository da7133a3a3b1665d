package dev.perennial.learning;

import java.util.List;
import java.util.Locale;

/** Which modules of a model, as PEFT's {@code target_modules} and {@code exclude_modules} name them. */
public sealed interface ModuleSelection {
    /** PEFT's word for every linear layer but the vocabulary head. */
    String ALL_LINEAR = "all-linear";

    /** Whether a module is selected, such as {@code model.layers.1.self_attn.q_proj}. */
    boolean selects(String path);

    /**
     * One string, as PEFT reads it: {@value #ALL_LINEAR} or a regular expression for the whole path.
     *
     * @throws LearningException where it is no expression that is read
     */
    static ModuleSelection matching(String text) {
        return text.toLowerCase(Locale.ROOT).equals(ALL_LINEAR)
                ? new AllLinear()
                : new Matching(new ModuleExpression(text));
    }

    /** Names of modules: whole paths, or the end of a path after a dot. */
    record Named(List<String> names) implements ModuleSelection {
        private static final int MOST = 4096;

        public Named {
            names = List.copyOf(names);
            if (names.isEmpty() || names.size() > MOST || names.contains("")) {
                throw new LearningException(
                        "a list of modules has 1 to " + MOST + " names, none of them empty; got " + names.size());
            }
        }

        @Override
        public boolean selects(String path) {
            return selectsWhole(path) || names.stream().anyMatch(name -> path.endsWith("." + name));
        }

        boolean selectsWhole(String path) {
            return names.contains(path);
        }

        @Override
        public String toString() {
            return String.join(", ", names.stream().limit(10).toList()) + (names.size() > 10 ? ", …" : "");
        }
    }

    /** The modules whose whole path a regular expression matches. */
    record Matching(ModuleExpression expression) implements ModuleSelection {
        @Override
        public boolean selects(String path) {
            return expression.matches(path);
        }

        @Override
        public String toString() {
            return "'" + expression + "'";
        }
    }

    /** Every projection of every layer. */
    record AllLinear() implements ModuleSelection {
        @Override
        public boolean selects(String path) {
            return LoraModule.parse(path).isPresent();
        }

        @Override
        public String toString() {
            return ALL_LINEAR;
        }
    }
}
