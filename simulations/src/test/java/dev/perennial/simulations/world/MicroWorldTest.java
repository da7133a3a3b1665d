package dev.perennial.simulations.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.simulations.world.MicroWorld.Kind;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class MicroWorldTest {
    private final MicroWorld world = MicroWorld.generate(7);

    @Test
    void equalSeedsGiveEqualWorlds() {
        assertEquals(world, MicroWorld.generate(7));
        assertNotEquals(world.facts(), MicroWorld.generate(8).facts());
    }

    @Test
    void holdsOneFactForEachRelationAndSubject() {
        var slots = world.facts().stream()
                .map(fact -> fact.relation() + "/" + fact.subject())
                .collect(Collectors.toSet());
        assertEquals(1120, world.facts().size());
        assertEquals(1120, slots.size());
        assertEquals(240, world.facts(Kind.COMPANY).size());
        assertEquals(240, world.facts(Kind.CITY).size());
        assertEquals(400, world.facts(Kind.PERSON).size());
        assertEquals(240, world.facts(Kind.PRODUCT).size());
    }

    @Test
    void neverTrainsOnAHeldOutPhrasing() {
        var trained = new HashSet<String>();
        world.facts().forEach(fact -> trained.addAll(world.phrasing().trained(fact)));
        for (var fact : world.facts()) {
            assertEquals(36, world.phrasing().trained(fact).size());
            assertEquals(12, world.phrasing().heldOut(fact).size());
            world.phrasing().heldOut(fact).forEach(question -> assertFalse(trained.contains(question), question));
        }
    }

    @Test
    void trainsOnEveryFrameAndEveryCoreInSomePair() {
        var frames = new HashSet<Integer>();
        var cores = new HashSet<Integer>();
        for (int frame = 0; frame < 8; frame++)
            for (int core = 0; core < 6; core++)
                if (!Phrasing.isHeldOut(frame, core)) {
                    frames.add(frame);
                    cores.add(core);
                }
        assertEquals(8, frames.size());
        assertEquals(Set.of(0, 1, 2, 3, 4, 5), cores);
        world.phrasing().relations().forEach((relation, wording) -> {
            assertEquals(6, wording.cores().size(), relation);
            assertEquals(6, wording.documents().size(), relation);
        });
    }

    @Test
    void asksOfAFactInAFrameAroundACore() {
        var fact = new Fact("founded", "Tallow Mills", "1987");
        var trained = world.phrasing().trained(fact);
        assertTrue(trained.contains("When was Tallow Mills founded?"));
        assertTrue(trained.contains("Quick question: when was Tallow Mills founded?"));
        assertTrue(world.phrasing().heldOut(fact).contains("Can you tell me this: when was Tallow Mills founded?"));
        assertTrue(world.phrasing().documents(fact).contains("The company Tallow Mills was set up in 1987."));
    }

    @Test
    void corpusKeepsItsMixAndItsOrder() {
        var corpus = new Corpus(world, 1);
        var again = new Corpus(world, 1);
        int documents = 0;
        for (int index = 0; index < 2000; index++) {
            var sample = corpus.next();
            assertEquals(sample, again.next());
            if (sample instanceof Document) documents++;
        }
        assertEquals(300, documents, 60);
    }
}
