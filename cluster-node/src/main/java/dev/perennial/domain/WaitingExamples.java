package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.DomainSnapshot.Waiting;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.PackedExamples;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/** Examples that are still to be learned, by their number in the order of acceptance. */
final class WaitingExamples {
    static final WaitingExamples NONE = new WaitingExamples(TreePMap.empty(), Index.NONE);

    private final TreePMap<Long, ExampleRef> byNumber;
    /** Made when it is first asked for: a domain that is recovered answers nobody until it is. Kept up from then on. */
    private @Nullable Index index;

    /**
     * @param numbers by id
     * @param prompts the numbers by what is asked
     */
    private record Index(TreePMap<String, Long> numbers, PromptIndex<Long> prompts) {
        static final Index NONE = new Index(TreePMap.empty(), PromptIndex.empty());

        static Index of(SortedMap<Long, ExampleRef> examples) {
            TreeMap<String, Long> numbers = new TreeMap<>();
            examples.forEach((number, example) -> numbers.put(example.id(), number));
            return new Index(TreePMap.fromSortedMap(numbers), PromptIndex.of(examples, ExampleRef::promptId));
        }

        Index plus(long number, ExampleRef example) {
            return new Index(numbers.plus(example.id(), number), prompts.plus(example.promptId(), number));
        }

        Index minus(long number, ExampleRef example) {
            return new Index(numbers.minus(example.id()), prompts.minus(example.promptId(), number));
        }
    }

    private WaitingExamples(TreePMap<Long, ExampleRef> byNumber, @Nullable Index index) {
        this.byNumber = byNumber;
        this.index = index;
    }

    static WaitingExamples of(PackedExamples packed) {
        return new WaitingExamples(TreePMap.fromSortedMap(packed.byNumber()), null);
    }

    private Index index() {
        Index made = index == null ? Index.of(byNumber) : index;
        index = made;
        return made;
    }

    TreePMap<Long, ExampleRef> byNumber() {
        return byNumber;
    }

    PackedExamples pack() {
        return new PackedExamples(byNumber);
    }

    int size() {
        return byNumber.size();
    }

    WaitingExamples plus(long number, ExampleRef example) {
        return new WaitingExamples(byNumber.plus(number, example), index == null ? null : index.plus(number, example));
    }

    WaitingExamples minus(long number) {
        ExampleRef example = byNumber.get(number);
        return example == null
                ? this
                : new WaitingExamples(byNumber.minus(number), index == null ? null : index.minus(number, example));
    }

    WaitingExamples minus(String id) {
        Long number = index().numbers.get(id);
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
            Long number = index().numbers.get(id);
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
        TreePSet<Long> answers = index().prompts.of(kept.example().promptId());
        if (answers.isEmpty() || answers.last() < kept.number()) {
            return false;
        }
        ExampleRef newest = byNumber.get(answers.last());
        return newest != null && newest.contradicts(kept.example());
    }

    /** By what waits; the index follows from it. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WaitingExamples examples && byNumber.equals(examples.byNumber);
    }

    @Override
    public int hashCode() {
        return byNumber.hashCode();
    }

    @Override
    public String toString() {
        return byNumber.toString();
    }
}
