package dev.perennial.simulations.forgetting;

import dev.perennial.domain.ReplayBuffer;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.simulations.world.Exchange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A domain's replay buffer that at no time holds more than a share of the data seen so far. */
final class Memory {
    private final DomainPolicy.Replay policy;
    private final double share;
    private final Map<String, Lesson> texts = new HashMap<>();
    private ReplayBuffer buffer;
    private long seen;
    private double largestShare;

    /** An example and its tokens. */
    record Lesson(Item item, Exchange exchange) {
        /** Of its text, one byte a character. */
        long bytes() {
            return (long) exchange.prompt().length() + exchange.completion().length();
        }
    }

    /** @param share of the data seen so far that is kept at most, 0 to 1 */
    Memory(DomainPolicy.Replay policy, double share, long seed) {
        this.policy = policy;
        this.share = share;
        this.buffer = ReplayBuffer.empty(seed, policy);
    }

    /** What is kept, in the order in which an update is to draw it. */
    List<Item> items(long sampleSeed) {
        return buffer.sample(buffer.size(), sampleSeed, kept -> true).stream()
                .map(id -> Objects.requireNonNull(texts.get(id)).item())
                .toList();
    }

    /** Takes in what an update has learned. */
    void learned(int update, String source, List<Lesson> lessons) {
        int capacity = (int) (share * (seen + lessons.size()));
        buffer = buffer.under(policy.holding(capacity));
        for (Lesson lesson : lessons) {
            texts.put(lesson.item().id(), lesson);
            ExampleRef ref = reference(lesson, source);
            buffer = buffer.withoutOlderAnswers(ref, seen).offer(new Kept(ref, seen, update, Optional.empty()));
            seen++;
        }
        texts.keySet().retainAll(buffer.ids());
        largestShare = Math.max(largestShare, (double) buffer.size() / seen);
    }

    private static ExampleRef reference(Lesson lesson, String source) {
        Exchange exchange = lesson.exchange();
        return new ExampleRef(
                lesson.item().id(),
                exchange.prompt().length() + exchange.completion().length(),
                ExampleUse.TRAIN,
                true,
                Optional.of(exchange.prompt()),
                Optional.of(exchange.completion()),
                Optional.of(source));
    }

    double largestShare() {
        return largestShare;
    }

    /** Of the texts kept, one byte a character. */
    long bytes() {
        return texts.values().stream().mapToLong(Lesson::bytes).sum();
    }
}
