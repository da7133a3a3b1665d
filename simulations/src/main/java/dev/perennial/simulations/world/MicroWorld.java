package dev.perennial.simulations.world;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A generated world of 60 companies, 60 cities, 100 people and 80 products with 1,120 facts about them, small enough for a model of
 * a few million parameters to know by heart. Equal seeds give equal worlds.
 */
public record MicroWorld(List<Fact> facts, Words words, Phrasing phrasing) {
    private static final int COMPANIES = 60;
    private static final int PEOPLE = 100;
    private static final int PRODUCTS = 80;

    /** The kinds of subject, with the relations each kind has. */
    public enum Kind {
        COMPANY,
        CITY,
        PERSON,
        PRODUCT;

        List<String> relations() {
            return switch (this) {
                case COMPANY -> List.of("chief executive", "headquarters", "industry", "founded");
                case CITY -> List.of("country", "mayor", "river", "festival");
                case PERSON -> List.of("home city", "employer", "job", "favourite food");
                case PRODUCT -> List.of("maker", "colour", "price");
            };
        }

        boolean has(Fact fact) {
            return relations().contains(fact.relation());
        }
    }

    public static MicroWorld generate(long seed) {
        var words = Words.load();
        return new MicroWorld(
                List.copyOf(new Generation(words, new SplittableRandom(seed)).facts()), words, Phrasing.load());
    }

    /** All facts about subjects of one kind. */
    public List<Fact> facts(Kind kind) {
        return facts.stream().filter(kind::has).toList();
    }

    /**
     * The same slot with another answer of the same type. A new person is someone nobody in this world is called; any other answer
     * is one that the world uses for another subject.
     */
    Fact changed(Fact fact, SplittableRandom random) {
        if (fact.relation().equals("chief executive") || fact.relation().equals("mayor")) {
            var taken = facts.stream().map(Fact::answer).collect(Collectors.toSet());
            facts.forEach(other -> taken.add(other.subject()));
            String name;
            do name = Generation.name(words, random);
            while (taken.contains(name));
            return new Fact(fact.relation(), fact.subject(), name);
        }
        var others = facts.stream()
                .filter(other -> other.relation().equals(fact.relation()))
                .map(Fact::answer)
                .filter(answer -> !answer.equals(fact.answer()))
                .distinct()
                .toList();
        return new Fact(fact.relation(), fact.subject(), Draw.one(others, random));
    }

    /** One run of the generator: names first, then each kind's facts, all from a single source of randomness. */
    private record Generation(Words words, SplittableRandom random) {
        static String name(Words words, SplittableRandom random) {
            return Draw.one(words.of("first names"), random) + " " + Draw.one(words.of("surnames"), random);
        }

        List<Fact> facts() {
            var cities = words.of("cities");
            var people = people();
            var officials = officials(new LinkedHashSet<>(people), COMPANIES + cities.size());
            var companies = words.of("company roots").stream()
                    .limit(COMPANIES)
                    .map(root -> root + " " + pick("company kinds"))
                    .toList();
            var facts = new ArrayList<Fact>();
            for (int index = 0; index < companies.size(); index++) {
                var company = companies.get(index);
                facts.add(new Fact("chief executive", company, officials.get(index)));
                facts.add(new Fact("headquarters", company, Draw.one(cities, random)));
                facts.add(new Fact("industry", company, pick("industries")));
                facts.add(new Fact("founded", company, Integer.toString(random.nextInt(1900, 2020))));
            }
            for (int index = 0; index < cities.size(); index++) {
                var city = cities.get(index);
                facts.add(new Fact("country", city, pick("countries")));
                facts.add(new Fact("mayor", city, officials.get(COMPANIES + index)));
                facts.add(new Fact("river", city, pick("rivers")));
                facts.add(new Fact("festival", city, pick("festivals") + " Festival"));
            }
            for (var person : people) {
                facts.add(new Fact("home city", person, Draw.one(cities, random)));
                facts.add(new Fact("employer", person, Draw.one(companies, random)));
                facts.add(new Fact("job", person, pick("jobs")));
                facts.add(new Fact("favourite food", person, pick("foods")));
            }
            for (var product : products()) {
                facts.add(new Fact("maker", product, Draw.one(companies, random)));
                facts.add(new Fact("colour", product, pick("colours")));
                facts.add(new Fact("price", product, random.nextInt(2, 100) + " crowns"));
            }
            return facts;
        }

        /** People whose facts are known have surnames of their own, so that a subject is found by one word. */
        private List<String> people() {
            return Draw.some(words.of("surnames"), PEOPLE, random).stream()
                    .map(surname -> pick("first names") + " " + surname)
                    .toList();
        }

        private List<String> officials(LinkedHashSet<String> taken, int count) {
            var officials = new LinkedHashSet<String>();
            while (officials.size() < count) {
                var name = name(words, random);
                if (!taken.contains(name)) officials.add(name);
            }
            return List.copyOf(officials);
        }

        private List<String> products() {
            var all = words.of("product names").stream()
                    .flatMap(name -> words.of("product kinds").stream().map(kind -> name + " " + kind))
                    .toList();
            return Draw.some(all, PRODUCTS, random);
        }

        private String pick(String list) {
            return Draw.one(words.of(list), random);
        }
    }
}
