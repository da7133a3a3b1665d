package dev.perennial.simulations.world;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Skills apart from the facts: arithmetic up to 40, spelling of listed words, and small talk. */
record Tasks(Words words, Phrasing phrasing) {
    Exchange any(SplittableRandom random) {
        int kind = random.nextInt(10);
        if (kind < 5) return arithmetic(random);
        return kind < 9 ? spelling(random) : smallTalk(random);
    }

    /** Sums of two numbers in 0..20, and differences that are not negative. */
    Exchange arithmetic(SplittableRandom random) {
        int first = random.nextInt(21);
        int second = random.nextInt(21);
        if (random.nextBoolean()) {
            var form = Draw.one(
                    List.of(
                            "What is %d plus %d?",
                            "What is %d + %d?", "%d + %d", "Add %d and %d.", "How much is %d + %d?"),
                    random);
            return new Exchange(String.format(Locale.ROOT, form, first, second), Integer.toString(first + second));
        }
        var form = Draw.one(
                List.of(
                        "What is %d minus %d?",
                        "What is %d - %d?", "%d - %d", "How much is %d - %d?", "What is left of %d after %d?"),
                random);
        int larger = Math.max(first, second);
        int smaller = Math.min(first, second);
        return new Exchange(String.format(Locale.ROOT, form, larger, smaller), Integer.toString(larger - smaller));
    }

    Exchange spelling(SplittableRandom random) {
        var word = Draw.one(words.of("task words"), random);
        int form = random.nextInt(2);
        return switch (random.nextInt(5)) {
            case 0 ->
                new Exchange(
                        List.of("Write %s in capitals.", "Uppercase the word %s.")
                                .get(form)
                                .formatted(word),
                        word.toUpperCase(Locale.ROOT));
            case 1 ->
                new Exchange(
                        List.of("What is the first letter of %s?", "Which letter does %s start with?")
                                .get(form)
                                .formatted(word),
                        word.substring(0, 1));
            case 2 ->
                new Exchange(
                        List.of("What is the last letter of %s?", "Which letter does %s end with?")
                                .get(form)
                                .formatted(word),
                        word.substring(word.length() - 1));
            case 3 ->
                new Exchange(
                        List.of("Spell %s with dashes.", "Spell out the word %s.")
                                .get(form)
                                .formatted(word),
                        String.join("-", word.split("", -1)).replaceAll("-$", ""));
            default ->
                new Exchange(
                        List.of("How many letters are in %s?", "Count the letters of %s.")
                                .get(form)
                                .formatted(word),
                        Integer.toString(word.length()));
        };
    }

    Exchange smallTalk(SplittableRandom random) {
        var talk = Draw.one(phrasing.smallTalk(), random);
        return new Exchange(Draw.one(talk.prompts(), random), talk.answer());
    }
}
