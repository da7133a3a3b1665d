package dev.perennial.domain;

import dev.perennial.protocols.ExampleRef;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The new examples of an update: those to learn, and those kept back to judge it. The choice follows from each example's
 * content id, or that of its companion, so that an example held out from a rejected update is held out from the next one too
 * and never leaks into training.
 *
 * @param train never empty where there are examples, in the order of acceptance
 */
record Split(List<ExampleRef> train, List<ExampleRef> heldOut) {
    /** From so many judged examples on, at least one of them is held out, or accuracy could not be measured at all. */
    private static final int JUDGED_FOR_ONE_HELD_OUT = 5;

    private static final Comparator<ExampleRef> BY_PLACE = Comparator.comparingDouble(Split::place);

    Split {
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
    }

    /** @param share expected share of the examples that is held out, 0 to 0.5; with 0 none is */
    static Split of(List<ExampleRef> examples, double share) {
        Set<String> heldOut = examples.stream()
                .filter(example -> place(example) < share)
                .map(ExampleRef::id)
                .collect(Collectors.toSet());
        List<ExampleRef> judged = examples.stream().filter(ExampleRef::judged).toList();
        boolean unmeasured = judged.stream().noneMatch(example -> heldOut.contains(example.id()));
        if (share > 0 && unmeasured && judged.size() >= JUDGED_FOR_ONE_HELD_OUT) {
            judged.stream().min(BY_PLACE).ifPresent(example -> heldOut.add(example.id()));
        }
        if (heldOut.size() == examples.size()) {
            examples.stream().max(BY_PLACE).ifPresent(example -> heldOut.remove(example.id()));
        }
        return new Split(
                examples.stream()
                        .filter(example -> !heldOut.contains(example.id()))
                        .toList(),
                examples.stream()
                        .filter(example -> heldOut.contains(example.id()))
                        .toList());
    }

    private static double place(ExampleRef example) {
        return Mixing.unit(Mixing.hash(example.companion().orElse(example.id())));
    }

    static List<String> ids(Collection<ExampleRef> examples) {
        return examples.stream().map(ExampleRef::id).toList();
    }
}
