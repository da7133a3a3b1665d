package dev.perennial.domain;

import java.util.Map;
import org.pcollections.TreePMap;

/**
 * Which trainer was used when, by the fencing tokens of their latest leases. Of trainers that come and go, those that were used
 * last are remembered.
 *
 * @param tokens by trainer
 * @param trainers by token
 */
record TrainerUses(TreePMap<String, Long> tokens, TreePMap<Long, String> trainers) {
    static final TrainerUses NONE = new TrainerUses(TreePMap.empty(), TreePMap.empty());

    static final int REMEMBERED = 4_096;

    static TrainerUses of(Map<String, Long> tokens) {
        TrainerUses uses = NONE;
        for (Map.Entry<String, Long> each : tokens.entrySet()) {
            uses = uses.granted(each.getKey(), each.getValue());
        }
        return uses;
    }

    TrainerUses granted(String trainer, long token) {
        Long before = tokens.get(trainer);
        TrainerUses next = new TrainerUses(
                tokens.plus(trainer, token), (before == null ? trainers : trainers.minus(before)).plus(token, trainer));
        return next.tokens.size() > REMEMBERED ? next.withoutOldest() : next;
    }

    private TrainerUses withoutOldest() {
        Map.Entry<Long, String> oldest = trainers.firstEntry();
        return new TrainerUses(tokens.minus(oldest.getValue()), trainers.minus(oldest.getKey()));
    }

    /** Token of the trainer's latest lease; 0 where none is remembered. */
    long latest(String trainer) {
        return tokens.getOrDefault(trainer, 0L);
    }
}
