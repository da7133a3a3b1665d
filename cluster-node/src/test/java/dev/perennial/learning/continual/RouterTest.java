package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RouterTest {
    private record Prompt(String domain, String text) {}

    private static final List<Prompt> PROMPTS = List.of(
            new Prompt("cooking", "how long do I boil an egg"),
            new Prompt("cooking", "what can I bake with rye flour"),
            new Prompt("cooking", "how much salt goes into the soup"),
            new Prompt("banking", "how much money is in my account"),
            new Prompt("banking", "please freeze my bank account"),
            new Prompt("banking", "what is the limit of my credit card"),
            new Prompt("travel", "book a flight to Lisbon"),
            new Prompt("travel", "how long is the flight to Oslo"),
            new Prompt("travel", "which gate does my flight leave from"));

    @Test
    void routesWhatItHasNotSeen() {
        Router router = learned(PROMPTS);
        assertEquals(Optional.of("cooking"), router.route("How long do I bake the egg?"));
        assertEquals(Optional.of("banking"), router.route("is my account at its limit"));
        assertEquals(Optional.of("travel"), router.route("Is there a flight to Rome"));
    }

    @Test
    void isTheSameInWhateverOrderItLearned() {
        List<Prompt> shuffled = new ArrayList<>(PROMPTS);
        Collections.shuffle(shuffled, new Random(3));
        Router router = learned(PROMPTS);
        Router other = learned(shuffled);
        for (String word : List.of("how", "account flight", "the", "salt limit", "nothing of the kind")) {
            assertEquals(router.route(word), other.route(word), word);
        }
    }

    @Test
    void aNewDomainTakesNoPromptsFromTheOthers() {
        Router router = learned(PROMPTS);
        for (int i = 0; i < 100; i++) {
            router.learn("weather", "will it rain tomorrow in place " + i);
        }
        PROMPTS.forEach(prompt -> assertEquals(Optional.of(prompt.domain()), router.route(prompt.text())));
        assertEquals(Optional.of("weather"), router.route("will it rain in Lisbon tomorrow"));
    }

    /** Of one prompt each, "a b" and "a c", only b and c and what begins or ends with them tell them apart. */
    @Test
    void ofEqualsTheFirstByNameIsChosen() {
        Router router = new Router();
        router.learn("y", "a c");
        router.learn("x", "a b");
        assertEquals(Optional.of("x"), router.route("a"));
        assertEquals(Optional.of("y"), router.route("c"));
        assertEquals(Optional.of("x"), router.route("unheard of"));
    }

    @Test
    void knowsNoDomainAtFirst() {
        assertEquals(Optional.empty(), new Router().route("anything"));
    }

    private static Router learned(List<Prompt> prompts) {
        Router router = new Router();
        prompts.forEach(prompt -> router.learn(prompt.domain(), prompt.text()));
        return router;
    }
}
