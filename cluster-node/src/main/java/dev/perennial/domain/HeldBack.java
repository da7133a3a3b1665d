package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot.Held;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.UpdateId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * Examples of updates that failed. They are not learned along with others, so that one example that ends every attempt keeps
 * no other from being learned. A group is tried again as a whole, since what failed may have been a machine; where it fails
 * again it becomes two, until the example at fault is alone.
 *
 * @param groups by the number of their first example
 * @param ofExample number of the group by the example's id
 * @param trial number of the update that took up a group last; 0 before the first
 */
record HeldBack(TreePMap<Long, Held> groups, TreePMap<String, Long> ofExample, int trial) {
    static final HeldBack NONE = new HeldBack(TreePMap.empty(), TreePMap.empty(), 0);

    /** What failed longest ago is tried first. */
    private static final Comparator<Held> ORDER =
            Comparator.comparingInt((Held group) -> group.update().number()).thenComparingLong(Held::first);

    static HeldBack of(List<Held> groups, int trial) {
        HeldBack held = new HeldBack(NONE.groups, NONE.ofExample, trial);
        for (Held group : groups) {
            held = held.plus(group);
        }
        return held;
    }

    List<Held> toSnapshot() {
        return List.copyOf(groups.values());
    }

    int examples() {
        return ofExample.size();
    }

    /** @param examples oldest first, 1 or more */
    HeldBack failed(UpdateId update, List<Waiting> examples) {
        int half = (examples.size() + 1) / 2;
        return update.number() == trial && examples.size() > 1
                ? plus(new Held(update, examples.subList(0, half)))
                        .plus(new Held(update, examples.subList(half, examples.size())))
                : plus(new Held(update, examples));
    }

    private HeldBack plus(Held group) {
        TreePMap<String, Long> members = ofExample;
        for (Waiting each : group.examples()) {
            members = members.plus(each.example().id(), group.first());
        }
        return new HeldBack(groups.plus(group.first(), group), members, trial);
    }

    private HeldBack minus(Held group) {
        TreePMap<String, Long> members = ofExample;
        for (Waiting each : group.examples()) {
            members = members.minus(each.example().id());
        }
        return new HeldBack(groups.minus(group.first()), members, trial);
    }

    /** The group that is tried next. */
    Optional<Held> next() {
        return groups.values().stream().min(ORDER);
    }

    /** The group whose first example has this number. */
    List<Waiting> group(long first) {
        Held group = groups.get(first);
        return group == null ? List.of() : group.examples();
    }

    HeldBack triedAgain(long first, UpdateId by) {
        Held group = groups.get(first);
        HeldBack rest = group == null ? this : minus(group);
        return new HeldBack(rest.groups, rest.ofExample, by.number());
    }

    /** An example was deleted. */
    HeldBack without(String id) {
        Long first = ofExample.get(id);
        Held group = first == null ? null : groups.get(first);
        if (group == null) {
            return this;
        }
        List<Waiting> others = group.examples().stream()
                .filter(each -> !each.example().id().equals(id))
                .toList();
        HeldBack rest = minus(group);
        return others.isEmpty() ? rest : rest.plus(new Held(group.update(), others));
    }

    /** What this update failed with last. */
    List<Held> of(UpdateId update) {
        return groups.values().stream()
                .filter(group -> group.update().equals(update))
                .toList();
    }
}
