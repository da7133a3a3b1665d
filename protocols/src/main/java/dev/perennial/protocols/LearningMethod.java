package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How an update learns, as a name: where it starts, then what it does against forgetting, such as {@code lora+replay+ewc}.
 * {@code replay} is short for {@code buffer+general+distillation+known}. How strong each part is, the domain's policy says.
 *
 * <p>Names stand in journals and manifests for ever: one that was good once stays good and keeps its meaning.
 *
 * @param parts without {@link Part#KNOWN} where there is {@link Part#GAP}, which does the same and more; with
 *     {@link Part#GENERAL} where there is {@link Part#OWN}
 */
public record LearningMethod(Start start, Set<Part> parts) {
    /** The longest name that is read. */
    public static final int LONGEST = 100;

    private static final String REPLAY = "replay";
    private static final Set<Part> BUNDLE = EnumSet.of(Part.BUFFER, Part.GENERAL, Part.DISTILLATION);

    /** What an update begins with. */
    public enum Start {
        /** The parent's adapter is trained on. */
        LORA,
        /** The parent's adapter stays as it is beneath a fresh one, which is trained. */
        STACKED,
        /** As stacked, in a subspace orthogonal to the parent's (O-LoRA, Wang et al. 2023). */
        O_LORA,
        /** A fresh adapter learns the new examples alone, whatever the parent was. */
        BASE,
        /** A fresh adapter learns the new examples and, just as them, all that the replay buffer holds. */
        JOINT,
        /** As lora, in an adapter that only its own domain's prompts are routed to. */
        ROUTED;

        @Override
        public String toString() {
            return word(this);
        }
    }

    /** What an update does beside learning. */
    public enum Part {
        /** A part of every batch is from the domain's replay buffer. */
        BUFFER,
        /** A part of every batch is from the base's general set. */
        GENERAL,
        /** As general, with what the base itself answers to its prompts in the place of the written answers. */
        OWN,
        /** On what is replayed, the parent's answers are held to. */
        DISTILLATION,
        /** New examples that the parent answers right already are replayed, not learned. */
        KNOWN,
        /** Elastic weight consolidation (Kirkpatrick et al. 2017): parameters that mattered are held. */
        EWC,
        /** As known; what is known least comes first, and contradictions and outliers are set aside. */
        GAP,
        /** Prompts a few tokens away from the new ones, to which base and parent give another answer, are replayed with it. */
        NEIGHBOURS;

        @Override
        public String toString() {
            return word(this);
        }
    }

    /** @throws ProblemException where a part does not go with the start */
    public LearningMethod {
        EnumSet<Part> all = EnumSet.noneOf(Part.class);
        all.addAll(parts);
        if (all.contains(Part.GAP)) {
            all.remove(Part.KNOWN);
        }
        if (all.contains(Part.OWN)) {
            all.add(Part.GENERAL);
        }
        parts = Collections.unmodifiableSet(all);
        if (all.contains(Part.EWC) && start != Start.LORA && start != Start.ROUTED) {
            throw problem("ewc holds parameters that training goes on from, so that it goes with " + Start.LORA
                    + " and " + Start.ROUTED + "; got it with " + start);
        }
        if (all.contains(Part.NEIGHBOURS) && (start == Start.BASE || start == Start.JOINT)) {
            throw problem(Part.NEIGHBOURS + " are what the parent knows that training goes on from, and " + start
                    + " begins anew");
        }
        if (all.contains(Part.BUFFER) && start == Start.JOINT) {
            throw problem(Start.JOINT + " learns all that the buffer holds, so that it takes neither " + REPLAY
                    + " nor " + Part.BUFFER);
        }
    }

    /**
     * Reads {@code START(+PART)*}.
     *
     * @throws ProblemException where a word is none of those, comes twice, or does not go with the others; it names them
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static LearningMethod parse(String name) {
        List<String> words = Arrays.asList(name.split("\\+", -1));
        Start start = find(Start.values(), words.get(0)).orElseThrow(() -> unknown(name));
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String word : words.subList(1, words.size())) {
            if (Collections.frequency(words, word) > 1) {
                throw problem("a method names no part twice; got '" + Problem.shorten(name) + "'");
            }
            if (word.equals(REPLAY)) {
                parts.addAll(BUNDLE);
                parts.add(Part.KNOWN);
            } else {
                parts.add(find(Part.values(), word).orElseThrow(() -> unknown(name)));
            }
        }
        return new LearningMethod(start, parts);
    }

    public boolean has(Part part) {
        return parts.contains(part);
    }

    /** This method without one of its parts. */
    public LearningMethod without(Part part) {
        EnumSet<Part> others = EnumSet.noneOf(Part.class);
        others.addAll(parts);
        others.remove(part);
        return new LearningMethod(start, others);
    }

    /** The one name of this method, which {@link #parse} reads. */
    @Override
    @JsonValue
    public String toString() {
        List<String> words = new ArrayList<>(List.of(start.toString()));
        Set<Part> rest = EnumSet.noneOf(Part.class);
        rest.addAll(parts);
        if (rest.containsAll(BUNDLE) && (rest.contains(Part.KNOWN) || rest.contains(Part.GAP))) {
            words.add(REPLAY);
            rest.removeAll(BUNDLE);
            rest.remove(Part.KNOWN);
        }
        rest.forEach(part -> words.add(part.toString()));
        return String.join("+", words);
    }

    private static <T extends Enum<T>> Optional<T> find(T[] values, String word) {
        return Arrays.stream(values)
                .filter(value -> value.toString().equals(word))
                .findFirst();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ProblemException unknown(String name) {
        return problem("method is one of " + list(Start.values()) + ", and then any of +" + REPLAY + ", +"
                + Arrays.stream(Part.values()).map(Part::toString).collect(Collectors.joining(", +")) + "; got '"
                + Problem.shorten(name) + "'");
    }

    private static String list(Start[] values) {
        return Arrays.stream(values).map(Start::toString).collect(Collectors.joining(", "));
    }

    private static ProblemException problem(String message) {
        return new ProblemException(Problem.invalid("method", message));
    }
}
