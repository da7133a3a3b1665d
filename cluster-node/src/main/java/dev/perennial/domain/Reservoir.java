package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot;
import java.util.List;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A uniform sample of bounded size over all ids ever offered (Algorithm R; Vitter 1985, "Random Sampling with a Reservoir").
 * It is the domain's replay buffer, and its retained suite. The draw for an offer depends on the seed and on the number of
 * the offer only: there is no generator whose state would have to be kept, so that recovery gives the same sample.
 *
 * @param offered ids seen so far; each is in the sample with probability capacity / offered
 * @param kept at most {@code capacity} ids, by slot
 */
record Reservoir(long seed, int capacity, long offered, PVector<String> kept) {
    static Reservoir empty(long seed, int capacity) {
        return new Reservoir(seed, capacity, 0, TreePVector.empty());
    }

    static Reservoir of(long seed, int capacity, DomainSnapshot.Sample sample) {
        return new Reservoir(seed, capacity, sample.offered(), TreePVector.from(sample.kept()));
    }

    DomainSnapshot.Sample toSnapshot() {
        return new DomainSnapshot.Sample(offered, kept);
    }

    Reservoir offerAll(List<String> ids) {
        Reservoir next = this;
        for (String id : ids) {
            next = next.offer(id);
        }
        return next;
    }

    Reservoir offer(String id) {
        if (kept.size() < capacity) {
            return new Reservoir(seed, capacity, offered + 1, kept.plus(id));
        }
        // Algorithm R: the (offered + 1)-th id takes a slot uniform over [0, offered], where there is such a slot.
        long slot = (long) (Mixing.unit(Mixing.draw(seed, offered)) * (offered + 1));
        PVector<String> next = slot < capacity ? kept.with((int) slot, id) : kept;
        return new Reservoir(seed, capacity, offered + 1, next);
    }
}
