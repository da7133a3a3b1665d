package dev.perennial.simulations.world;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How facts are worded. A question is a frame around a core: the frame "Quick question: {q}?" around the core "who runs {s}". One
 * pair in four is held out: no fact is ever trained on in it, though its frame and its core are each trained on in other pairs, so
 * an answer to it shows that the model composes rather than repeats.
 */
public record Phrasing(
        List<String> frames,
        Map<String, Wording> relations,
        @JsonProperty("small talk") List<SmallTalk> smallTalk) {

    /** The question cores of one relation, and the document templates that state it. */
    public record Wording(List<String> cores, List<String> documents) {}

    /** Prompts that all get one fixed answer. */
    public record SmallTalk(String answer, List<String> prompts) {}

    static Phrasing load() {
        return Words.resource("phrasing.json", new TypeReference<Phrasing>() {});
    }

    /** Spreads the held-out pairs so that each core misses two of eight frames and each frame one or two of six cores. */
    static boolean isHeldOut(int frame, int core) {
        return (frame + 3 * core) % 4 == 3;
    }

    /** Every trained phrasing of the question for this fact. */
    List<String> trained(Fact fact) {
        return questions(fact, false);
    }

    /** Every held-out phrasing of the question for this fact. */
    List<String> heldOut(Fact fact) {
        return questions(fact, true);
    }

    /** Questions around {@code count} different cores, all trained or all held out. */
    List<String> varied(Fact fact, boolean heldOut, int count, SplittableRandom random) {
        return Draw.some(byCore(fact, heldOut), count, random).stream()
                .map(questions -> Draw.one(questions, random))
                .toList();
    }

    Exchange ask(Fact fact, SplittableRandom random) {
        return new Exchange(Draw.one(trained(fact), random), fact.answer());
    }

    Exchange askHeldOut(Fact fact, SplittableRandom random) {
        return new Exchange(Draw.one(heldOut(fact), random), fact.answer());
    }

    /** Every document of one sentence that states this fact. */
    List<String> documents(Fact fact) {
        return wording(fact).documents().stream()
                .map(template -> template.replace("{s}", fact.subject()).replace("{a}", fact.answer()))
                .toList();
    }

    private List<String> questions(Fact fact, boolean heldOut) {
        return byCore(fact, heldOut).stream().flatMap(List::stream).toList();
    }

    private List<List<String>> byCore(Fact fact, boolean heldOut) {
        var cores = wording(fact).cores();
        return IntStream.range(0, cores.size())
                .mapToObj(core -> IntStream.range(0, frames.size())
                        .filter(frame -> isHeldOut(frame, core) == heldOut)
                        .mapToObj(frame -> question(frames.get(frame), cores.get(core), fact.subject()))
                        .toList())
                .toList();
    }

    private static String question(String frame, String core, String subject) {
        var capital = core.substring(0, 1).toUpperCase(Locale.ROOT) + core.substring(1);
        return frame.replace("{q}", core).replace("{Q}", capital).replace("{s}", subject);
    }

    private Wording wording(Fact fact) {
        var wording = relations.get(fact.relation());
        if (wording == null) throw new IllegalArgumentException("no wording for relation \"" + fact.relation() + "\"");
        return wording;
    }
}
