package dev.perennial.simulations.world;

import dev.perennial.simulations.world.MicroWorld.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What happens in the quickstart: in each of two domains 24 facts change. The model is taught each change in three phrasings and two
 * documents, and is asked about it in two phrasings that neither its pre-training nor the teaching used. The archive stands for
 * what the domain was taught before and may be replayed; {@code retained} and {@code general} are only measured.
 */
public record Story(long seed, List<Domain> domains, List<Exchange> general) {
    private static final int CHANGES_OF_A_RELATION = 12;
    private static final int ARCHIVE = 160;
    private static final int RETAINED = 60;

    /** One area of knowledge with an adapter of its own. */
    public record Domain(
            String id, String description, List<Change> changed, List<Exchange> archive, List<Exchange> retained) {}

    /** One changed fact: {@code documents} state the fresh answer, {@code taught} and {@code asked} are prompts for it. */
    public record Change(
            String subject,
            String relation,
            List<String> taught,
            List<String> documents,
            List<String> asked,
            String stale,
            String fresh) {}

    public static Story of(MicroWorld world, long seed) {
        var random = new SplittableRandom(seed);
        return new Story(
                seed,
                List.of(
                        domain(
                                world,
                                "companies",
                                "Companies, who runs them and where they are.",
                                Kind.COMPANY,
                                List.of("chief executive", "headquarters"),
                                random),
                        domain(
                                world,
                                "places",
                                "Cities, who governs them and what they celebrate.",
                                Kind.CITY,
                                List.of("mayor", "festival"),
                                random)),
                general(world, random));
    }

    /**
     * Exchanges over the whole world for the gate and the replay of the base: none repeats a prompt that this story measures, and none
     * asks for a changed fact in any phrasing.
     */
    public List<Exchange> generalSuite(MicroWorld world, long suiteSeed, int count) {
        var measured = new HashSet<String>();
        general.forEach(exchange -> measured.add(exchange.prompt()));
        var moved = new HashSet<Slot>();
        for (var domain : domains) {
            domain.retained().forEach(exchange -> measured.add(exchange.prompt()));
            domain.changed().forEach(change -> moved.add(new Slot(change.relation(), change.subject())));
        }
        var random = new SplittableRandom(suiteSeed);
        var stable = Draw.shuffled(
                world.facts().stream()
                        .filter(fact -> !moved.contains(new Slot(fact.relation(), fact.subject())))
                        .toList(),
                random);
        var tasks = new Tasks(world.words(), world.phrasing());
        var suite = new LinkedHashSet<Exchange>();
        for (int index = 0; suite.size() < count; index++) {
            var exchange =
                    index % 5 > 2 ? tasks.any(random) : world.phrasing().ask(stable.get(index % stable.size()), random);
            if (!measured.contains(exchange.prompt())) suite.add(exchange);
        }
        return List.copyOf(suite);
    }

    private record Slot(String relation, String subject) {}

    private static Domain domain(
            MicroWorld world,
            String id,
            String description,
            Kind kind,
            List<String> changing,
            SplittableRandom random) {
        var subjects = Draw.shuffled(
                world.facts(kind).stream().map(Fact::subject).distinct().toList(), random);
        var before = new LinkedHashSet<Fact>();
        for (int index = 0; index < changing.size(); index++)
            before.addAll(facts(
                    world,
                    changing.get(index),
                    subjects.subList(index * CHANGES_OF_A_RELATION, (index + 1) * CHANGES_OF_A_RELATION)));
        var changed = before.stream().map(fact -> change(world, fact, random)).toList();
        var stable = Draw.shuffled(
                world.facts(kind).stream()
                        .filter(fact -> !before.contains(fact))
                        .toList(),
                random);
        var archived = stable.subList(0, ARCHIVE);
        var others = stable.subList(ARCHIVE, stable.size());
        return new Domain(
                id, description, changed, archive(world, archived, random), retained(world, archived, others, random));
    }

    private static List<Fact> facts(MicroWorld world, String relation, List<String> subjects) {
        return world.facts().stream()
                .filter(fact -> fact.relation().equals(relation) && subjects.contains(fact.subject()))
                .toList();
    }

    private static Change change(MicroWorld world, Fact before, SplittableRandom random) {
        var after = world.changed(before, random);
        return new Change(
                after.subject(),
                after.relation(),
                world.phrasing().varied(after, false, 3, random),
                Draw.some(world.phrasing().documents(after), 2, random),
                world.phrasing().varied(after, true, 2, random),
                before.answer(),
                after.answer());
    }

    private static List<Exchange> archive(MicroWorld world, List<Fact> facts, SplittableRandom random) {
        return facts.stream().map(fact -> world.phrasing().ask(fact, random)).toList();
    }

    /** Half from facts in the archive and half from others: forgetting shows first on what is never replayed. */
    private static List<Exchange> retained(
            MicroWorld world, List<Fact> archived, List<Fact> others, SplittableRandom random) {
        var facts = new ArrayList<>(Draw.some(archived, RETAINED / 2, random));
        facts.addAll(Draw.some(others, RETAINED - RETAINED / 2, random));
        return facts.stream()
                .map(fact -> world.phrasing().askHeldOut(fact, random))
                .toList();
    }

    private static List<Exchange> general(MicroWorld world, SplittableRandom random) {
        var tasks = new Tasks(world.words(), world.phrasing());
        Set<Exchange> general = new LinkedHashSet<>();
        while (general.size() < 20) general.add(tasks.arithmetic(random));
        while (general.size() < 40) general.add(tasks.spelling(random));
        while (general.size() < 50) general.add(tasks.smallTalk(random));
        for (var kind : List.of(Kind.PERSON, Kind.PRODUCT))
            Draw.some(world.facts(kind), 15, random)
                    .forEach(fact -> general.add(world.phrasing().ask(fact, random)));
        return List.copyOf(general);
    }
}
