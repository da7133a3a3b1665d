package dev.perennial.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BoundedConcurrencyTest {
    private final List<CompletableFuture<String>> begun = new ArrayList<>();

    @Test
    void keepsTheOrderOfTheItemsWhateverTheOrderOfTheAnswers() {
        var all = BoundedConcurrency.map(List.of("a", "b", "c"), 3, this::begin).toCompletableFuture();
        begun.get(2).complete("C");
        begun.get(0).complete("A");
        assertFalse(all.isDone());
        begun.get(1).complete("B");
        assertEquals(List.of("A", "B", "C"), all.join());
    }

    @Test
    void beginsNoMoreThanTheLimitAtOnce() {
        var all = BoundedConcurrency.map(List.of("a", "b", "c"), 2, this::begin).toCompletableFuture();
        assertEquals(2, begun.size());
        begun.get(1).complete("B");
        assertEquals(3, begun.size());
        begun.get(0).complete("A");
        begun.get(2).complete("C");
        assertEquals(List.of("A", "B", "C"), all.join());
    }

    @Test
    void beginsNothingAfterAFailureAndFailsOnceAllThatWasBegunIsDone() {
        var all = BoundedConcurrency.map(List.of("a", "b", "c"), 2, this::begin).toCompletableFuture();
        IllegalStateException failure = new IllegalStateException("no");
        begun.get(0).completeExceptionally(failure);
        assertFalse(all.isDone());
        begun.get(1).complete("B");
        assertEquals(2, begun.size());
        assertSame(failure, assertThrows(CompletionException.class, all::join).getCause());
    }

    @Test
    void turnsAThrowingStepIntoAFailedStage() {
        var all = BoundedConcurrency.<Integer, Integer>map(
                List.of(0), 1, zero -> CompletableFuture.completedStage(1 / zero));
        assertTrue(all.toCompletableFuture().isCompletedExceptionally());
    }

    @Test
    void needsNoStackForStepsThatAreDoneAtOnce() {
        List<Integer> items = IntStream.range(0, 200_000).boxed().toList();
        assertEquals(
                items,
                BoundedConcurrency.map(items, 4, CompletableFuture::completedStage)
                        .toCompletableFuture()
                        .join());
    }

    private CompletableFuture<String> begin(String item) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        begun.add(answer);
        return answer;
    }
}
