package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.continual.ContinualPlan.Selection;
import dev.perennial.learning.continual.UpdateSet.Item;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What goes into the batches of an update.
 *
 * @param fresh learned
 * @param earlier replayed, first in its order
 * @param neighbours replayed, held to the base
 * @param inOrder whether what is learned is first gone through in its order
 * @param known of the new, how many the parent answers right already
 */
record Pools(
        List<Item> fresh,
        List<Item> earlier,
        List<Item> general,
        List<Item> neighbours,
        boolean inOrder,
        int known,
        ContinualUpdate.SetAside setAside) {

    /**
     * @param before what training begins with: its answers tell what is known
     * @throws LearningException where nothing is left to learn
     */
    static Pools of(BaseModel base, ContinualPlan plan, Adapter before, UpdateSet data) {
        List<Item> fresh = new ArrayList<>(data.fresh());
        List<Item> earlier = new ArrayList<>();
        if (plan.joint()) {
            fresh.addAll(data.replayed());
        } else if (plan.replay().share() > 0) {
            earlier.addAll(data.replayed());
        }
        List<Item> general = plan.replay().generalShare() > 0 ? data.general() : List.of();
        List<List<String>> conflicts = plan.selection() == Selection.GAP
                ? KnowledgeGap.conflicts(Stream.concat(data.fresh().stream(), data.judging().stream())
                        .toList())
                : List.of();
        Set<String> divided = new HashSet<>();
        conflicts.forEach(divided::addAll);
        fresh.removeIf(item -> divided.contains(item.id()));
        if (fresh.isEmpty() && data.choices().fresh().isEmpty()) {
            throw new LearningException(
                    conflicts.isEmpty()
                            ? "there is no new example to learn that fits the base model's context"
                            : "there is no new example to learn that no other contradicts: delete all but one of each of "
                                    + conflicts);
        }
        if (plan.selection() == Selection.ALL) {
            return new Pools(
                    fresh, earlier, general, List.of(), false, 0, new ContinualUpdate.SetAside(conflicts, List.of()));
        }
        KnowledgeGap.Choice choice = KnowledgeGap.choose(KnowledgeGap.measure(base, before, fresh));
        boolean gap = plan.selection() == Selection.GAP;
        List<String> outliers = gap ? choice.outliers() : List.of();
        List<Item> known = KnowledgeGap.items(fresh, choice.known());
        Set<String> left = new HashSet<>(choice.known());
        left.addAll(outliers);
        List<Item> unknown = gap
                ? KnowledgeGap.items(fresh, choice.unknown())
                : fresh.stream().filter(item -> !left.contains(item.id())).toList();
        // Where earlier ones are learned as well, they are none of the new that are set aside.
        Set<String> sent = data.fresh().stream().map(Item::id).collect(Collectors.toSet());
        ContinualUpdate.SetAside setAside = new ContinualUpdate.SetAside(
                conflicts, outliers.stream().filter(sent::contains).toList());
        if (unknown.isEmpty()) {
            // With nothing unknown, what was sent is practised all the same.
            return new Pools(known, earlier, general, List.of(), false, 0, setAside);
        }
        return new Pools(unknown, Interleaving.evenly(earlier, known), general, List.of(), gap, known.size(), setAside);
    }

    Pools with(List<Item> others) {
        return new Pools(fresh, earlier, general, others, inOrder, known, setAside);
    }

    ContinualUpdate.Counts counts() {
        return new ContinualUpdate.Counts(fresh.size(), known, earlier.size(), general.size(), neighbours.size());
    }
}
