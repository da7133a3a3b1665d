package dev.perennial.simulations.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.HashSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class StoryTest {
    private final MicroWorld world = MicroWorld.generate(7);
    private final Story story = Story.of(world, 8);

    @Test
    void equalSeedsGiveEqualStories() {
        assertEquals(story, Story.of(world, 8));
        assertNotEquals(story, Story.of(world, 9));
    }

    @Test
    void changesTwentyFourFactsInEachOfTwoDomains() {
        assertEquals(2, story.domains().size());
        for (var domain : story.domains()) {
            assertEquals(24, domain.changed().size());
            assertEquals(160, domain.archive().size());
            assertEquals(60, domain.retained().size());
            for (var change : domain.changed()) {
                assertNotEquals(change.stale(), change.fresh());
                assertTrue(world.facts().contains(new Fact(change.relation(), change.subject(), change.stale())));
                assertEquals(3, new HashSet<>(change.taught()).size());
                assertEquals(2, new HashSet<>(change.asked()).size());
                assertEquals(2, new HashSet<>(change.documents()).size());
                change.documents().forEach(text -> assertTrue(text.contains(change.fresh()), text));
            }
        }
        assertEquals(80, story.general().size());
    }

    @Test
    void neverTeachesAPromptThatItAsks() {
        for (var domain : story.domains())
            for (var change : domain.changed())
                for (var asked : change.asked()) assertFalse(change.taught().contains(asked), asked);
    }

    @Test
    void archiveAndRetainedAskOnlyForUnchangedFacts() {
        for (var domain : story.domains()) {
            var stale = domain.changed().stream()
                    .flatMap(change -> {
                        var fact = new Fact(change.relation(), change.subject(), change.stale());
                        return Stream.concat(
                                world.phrasing().trained(fact).stream(), world.phrasing().heldOut(fact).stream());
                    })
                    .collect(Collectors.toSet());
            domain.archive().forEach(exchange -> assertFalse(stale.contains(exchange.prompt()), exchange.prompt()));
            domain.retained().forEach(exchange -> assertFalse(stale.contains(exchange.prompt()), exchange.prompt()));
        }
    }

    @Test
    void generalSuiteRepeatsNoMeasuredPromptAndNoChangedFact() {
        var suite = story.generalSuite(world, 3, 300);
        var prompts = suite.stream().map(Exchange::prompt).collect(Collectors.toSet());
        assertEquals(300, prompts.size());
        story.general().forEach(exchange -> assertFalse(prompts.contains(exchange.prompt()), exchange.prompt()));
        for (var domain : story.domains()) {
            domain.retained().forEach(exchange -> assertFalse(prompts.contains(exchange.prompt()), exchange.prompt()));
            for (var change : domain.changed())
                world.phrasing()
                        .trained(new Fact(change.relation(), change.subject(), change.stale()))
                        .forEach(question -> assertFalse(prompts.contains(question), question));
        }
    }

    /** What is replayed must not be what is measured in other words. */
    @Test
    void generalSuiteOfTheEmbeddedBaseAsksNoFactTwice() {
        var embedded = MicroWorld.generate(1);
        var asked = new HashMap<String, Fact>();
        for (var fact : embedded.facts())
            embedded.phrasing().trained(fact).forEach(question -> asked.put(question, fact));
        var facts = Story.of(embedded, 2).generalSuite(embedded, 4, 1000).stream()
                .map(Exchange::prompt)
                .filter(asked::containsKey)
                .map(asked::get)
                .toList();
        assertEquals(facts.size(), new HashSet<>(facts).size());
        assertTrue(facts.size() > 500, "" + facts.size());
    }

    @Test
    void isWrittenAsTheQuickstartReadsIt() throws Exception {
        var json = new ObjectMapper().valueToTree(story);
        assertEquals(8, json.path("seed").asLong());
        assertEquals("companies", json.at("/domains/0/id").asText());
        assertEquals("places", json.at("/domains/1/id").asText());
        assertFalse(json.at("/domains/0/changed/0/asked/1").asText().isEmpty());
        assertFalse(json.at("/domains/1/archive/119/completion").asText().isEmpty());
        assertEquals(story, new ObjectMapper().treeToValue(json, Story.class));
    }
}
