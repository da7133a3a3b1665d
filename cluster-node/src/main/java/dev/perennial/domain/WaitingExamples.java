package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Examples that are still to be learned.
 *
 * @param byNumber by their number in the order of acceptance
 * @param numbers by id
 * @param prompts the numbers by what is asked
 */
record WaitingExamples(TreePMap<Long, ExampleRef> byNumber, TreePMap<String, Long> numbers, PromptIndex<Long> prompts) {
    static final WaitingExamples NONE = new WaitingExamples(TreePMap.empty(), TreePMap.empty(), PromptIndex.empty());

    /** At once, since a domain that is recovered answers nobody until it has read back all that waits. */
    static WaitingExamples of(List<Waiting> queue) {
        TreeMap<Long, ExampleRef> examples = new TreeMap<>();
        TreeMap<String, Long> numbers = new TreeMap<>();
        for (Waiting each : queue) {
            examples.put(each.number(), each.example());
            numbers.put(each.example().id(), each.number());
        }
        return new WaitingExamples(
                TreePMap.fromSortedMap(examples),
                TreePMap.fromSortedMap(numbers),
                PromptIndex.of(examples, ExampleRef::promptId));
    }

    List<Waiting> toSnapshot() {
        List<Waiting> queue = new ArrayList<>();
        byNumber.forEach((number, example) -> queue.add(new Waiting(number, example)));
        return queue;
    }

    int size() {
        return byNumber.size();
    }

    WaitingExamples plus(long number, ExampleRef example) {
        return new WaitingExamples(
                byNumber.plus(number, example),
                numbers.plus(example.id(), number),
                prompts.plus(example.promptId(), number));
    }

    WaitingExamples minus(long number) {
        ExampleRef example = byNumber.get(number);
        return example == null
                ? this
                : new WaitingExamples(
                        byNumber.minus(number), numbers.minus(example.id()), prompts.minus(example.promptId(), number));
    }

    WaitingExamples minus(String id) {
        Long number = numbers.get(id);
        return number == null ? this : minus(number.longValue());
    }

    /** The oldest so many, oldest first. */
    List<Map.Entry<Long, ExampleRef>> oldest(int count) {
        return byNumber.entrySet().stream().limit(count).toList();
    }

    /** Those of the examples that wait, oldest first. */
    List<Waiting> find(List<String> ids) {
        TreeMap<Long, Waiting> found = new TreeMap<>();
        for (String id : ids) {
            Long number = numbers.get(id);
            ExampleRef example = number == null ? null : byNumber.get(number);
            if (number != null && example != null) {
                found.put(number, new Waiting(number, example));
            }
        }
        return List.copyOf(found.values());
    }

    TreePMap<Long, ExampleRef> before(long number) {
        return byNumber.headMap(number);
    }

    /** Whether the newest of the answers that wait takes the place of what is kept. */
    boolean supersede(Kept kept) {
        TreePSet<Long> answers = prompts.of(kept.example().promptId());
        if (answers.isEmpty() || answers.last() < kept.number()) {
            return false;
        }
        ExampleRef newest = byNumber.get(answers.last());
        return newest != null && newest.contradicts(kept.example());
    }
}
