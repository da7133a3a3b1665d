package dev.perennial.simulations.world;

import dev.perennial.simulations.world.MicroWorld.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** Draws what a sequence of updates teaches: facts of the world that change, and facts about subjects that are new to it. */
public final class Curriculum {
    private final MicroWorld world;
    private final Set<String> settled;
    private final SplittableRandom random;
    private final Set<String> used = new HashSet<>();

    /** @param settled prompts whose answers must stay as they are: what they ask for is not changed */
    public Curriculum(MicroWorld world, Set<String> settled, long seed) {
        this.world = world;
        this.settled = Set.copyOf(settled);
        this.random = new SplittableRandom(seed);
        world.facts().forEach(fact -> used.add(fact.subject()));
    }

    /** Names of all relations, in an order of the seed's. */
    public List<String> relations() {
        return Draw.shuffled(
                Arrays.stream(Kind.values())
                        .flatMap(kind -> kind.relations().stream())
                        .toList(),
                random);
    }

    /**
     * Lessons about one relation.
     *
     * @param changed how many facts get another answer
     * @param added how many are about subjects that the world did not have
     * @param taught phrasings of each to train on, 1 to 36
     * @param asked other phrasings of each to ask in, 1 to 12
     */
    public List<Lesson> lessons(String relation, int changed, int added, int taught, int asked) {
        List<Lesson> lessons = new ArrayList<>();
        List<Fact> free = world.facts().stream()
                .filter(fact -> fact.relation().equals(relation) && !isSettled(fact))
                .toList();
        for (Fact fact : Draw.some(free, changed, random)) {
            lessons.add(lesson(world.changed(fact, random), Optional.of(fact.answer()), taught, asked));
        }
        for (int i = 0; i < added; i++) {
            Fact unanswered = new Fact(relation, newSubject(kind(relation)), "");
            lessons.add(lesson(world.changed(unanswered, random), Optional.empty(), taught, asked));
        }
        return lessons;
    }

    /** The same questions once more, with another answer. */
    public Lesson again(Lesson before) {
        Fact next = world.changed(before.fact(), random);
        return new Lesson(
                next,
                Optional.of(before.fact().answer()),
                exchanges(before.taught().stream().map(Exchange::prompt).toList(), next),
                exchanges(before.asked().stream().map(Exchange::prompt).toList(), next));
    }

    private Lesson lesson(Fact fact, Optional<String> stale, int taught, int asked) {
        return new Lesson(
                fact,
                stale,
                exchanges(Draw.some(world.phrasing().trained(fact), taught, random), fact),
                exchanges(Draw.some(world.phrasing().heldOut(fact), asked, random), fact));
    }

    private static List<Exchange> exchanges(List<String> prompts, Fact fact) {
        return prompts.stream()
                .map(prompt -> new Exchange(prompt, fact.answer()))
                .toList();
    }

    private boolean isSettled(Fact fact) {
        return world.phrasing().trained(fact).stream().anyMatch(settled::contains);
    }

    private static Kind kind(String relation) {
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.relations().contains(relation))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind has the relation \"" + relation + "\""));
    }

    private String newSubject(Kind kind) {
        String subject;
        do
            subject = switch (kind) {
                case COMPANY -> pick("company roots") + " " + pick("company kinds");
                case CITY -> Draw.one(List.of("New", "Port", "Upper", "Lower", "Old"), random) + " " + pick("cities");
                case PERSON -> pick("first names") + " " + pick("surnames") + "-" + pick("surnames");
                case PRODUCT -> pick("product names") + " " + pick("product kinds");
            };
        while (!used.add(subject));
        return subject;
    }

    private String pick(String list) {
        return Draw.one(world.words().of(list), random);
    }
}
