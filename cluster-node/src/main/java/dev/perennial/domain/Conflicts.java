package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot.Conflict;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * Examples that contradict each other, and are not learned until one of them is left or a newer answer is learned.
 *
 * @param groups by the number of their first example
 * @param ofExample number of the group by the example's id
 * @param prompts numbers of the groups by what is asked
 */
record Conflicts(TreePMap<Long, Conflict> groups, TreePMap<String, Long> ofExample, PromptIndex<Long> prompts) {
    static final Conflicts NONE = new Conflicts(TreePMap.empty(), TreePMap.empty(), PromptIndex.empty());

    static Conflicts of(List<Conflict> snapshot) {
        Conflicts conflicts = NONE;
        for (Conflict each : snapshot) {
            conflicts = conflicts.plus(each);
        }
        return conflicts;
    }

    List<Conflict> toSnapshot() {
        return List.copyOf(groups.values());
    }

    List<Conflict> newest(int most) {
        return groups.descendingMap().values().stream().limit(most).toList();
    }

    Conflicts plus(Conflict conflict) {
        long number = number(conflict);
        Conflicts next = new Conflicts(groups.plus(number, conflict), ofExample, prompts);
        for (Waiting each : conflict.examples()) {
            next = new Conflicts(
                    next.groups,
                    next.ofExample.plus(each.example().id(), number),
                    next.prompts.plus(each.example().promptId(), number));
        }
        return next;
    }

    private Conflicts minus(Conflict conflict) {
        long number = number(conflict);
        Conflicts next = new Conflicts(groups.minus(number), ofExample, prompts);
        for (Waiting each : conflict.examples()) {
            next = new Conflicts(
                    next.groups,
                    next.ofExample.minus(each.example().id()),
                    next.prompts.minus(each.example().promptId(), number));
        }
        return next;
    }

    private static long number(Conflict conflict) {
        return conflict.examples().get(0).number();
    }

    /** @param freed the one that no other contradicts any more */
    record Settled(Conflicts left, Optional<ExampleRef> freed) {}

    /** An example was deleted. */
    Settled without(String id) {
        Long number = ofExample.get(id);
        Conflict conflict = number == null ? null : groups.get(number);
        if (conflict == null) {
            return new Settled(this, Optional.empty());
        }
        List<Waiting> others = conflict.examples().stream()
                .filter(each -> !each.example().id().equals(id))
                .toList();
        return others.size() == 1
                ? new Settled(minus(conflict), Optional.of(others.get(0).example()))
                : new Settled(
                        minus(conflict).plus(new Conflict(conflict.update(), others, conflict.at())), Optional.empty());
    }

    /** An answer was learned that came after all of those that contradict each other. */
    Conflicts answered(ExampleRef example, long number) {
        Conflicts next = this;
        for (long each : new ArrayList<>(prompts.of(example.promptId()))) {
            Conflict conflict = groups.get(each);
            if (conflict != null && conflict.examples().stream().allMatch(older -> older.number() < number)) {
                next = next.minus(conflict);
            }
        }
        return next;
    }
}
