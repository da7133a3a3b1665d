package dev.perennial.simulations.world;

import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An endless stream of training samples, the same for the same world and seed: 60 % questions for facts in trained phrasings, 15 %
 * documents, 25 % tasks and small talk. Facts are drawn evenly, so that none is rarer than another.
 */
public final class Corpus implements Iterator<Sample> {
    private final MicroWorld world;
    private final Tasks tasks;
    private final SplittableRandom random;

    public Corpus(MicroWorld world, long seed) {
        this.world = world;
        this.tasks = new Tasks(world.words(), world.phrasing());
        this.random = new SplittableRandom(seed);
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Sample next() {
        int share = random.nextInt(100);
        if (share < 60) return world.phrasing().ask(Draw.one(world.facts(), random), random);
        return share < 75 ? document() : tasks.any(random);
    }

    /** One document in three gathers several sentences, so that texts longer than a line are seen too. */
    private Document document() {
        int sentences = random.nextInt(3) == 0 ? random.nextInt(2, 5) : 1;
        var texts = IntStream.range(0, sentences)
                .mapToObj(index -> Draw.one(world.phrasing().documents(Draw.one(world.facts(), random)), random))
                .toList();
        return new Document(String.join(" ", texts));
    }

    /** {@code count} facts, each asked once in a phrasing that training never uses. */
    public static List<Exchange> heldOutExchanges(MicroWorld world, long seed, int count) {
        var random = new SplittableRandom(seed);
        return Draw.some(world.facts(), count, random).stream()
                .map(fact -> world.phrasing().askHeldOut(fact, random))
                .toList();
    }
}
