package dev.perennial.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class BackgroundSavesTest {
    private final List<Duration> rests = new ArrayList<>();
    private final List<Runnable> rested = new ArrayList<>();
    private final List<String> begun = new ArrayList<>();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private long nanos;
    private final BackgroundSaves saves = new BackgroundSaves(
            (delay, task) -> {
                rests.add(delay);
                rested.add(task);
            },
            () -> nanos);

    @Test
    void leavesOutWhatComesWhileASaveRunsAndWhileItRests() {
        offer("a", 200);
        offer("a", 400);
        running.get(0).complete(null);
        offer("a", 600);
        assertEquals(List.of("a 200"), begun);
        rested.get(0).run();
        offer("a", 800);
        assertEquals(List.of("a 200", "a 800"), begun);
    }

    @Test
    void restsForAsLongAsASaveTook() {
        offer("a", 200);
        nanos += 30;
        running.get(0).complete(null);
        assertEquals(List.of(Duration.ofNanos(30)), rests);
    }

    @Test
    void entitiesDoNotWaitForEachOther() {
        offer("a", 200);
        offer("b", 200);
        assertEquals(List.of("a 200", "b 200"), begun);
    }

    @Test
    void aSaveThatFailsMakesRoomForTheNext() {
        offer("a", 200);
        running.get(0).completeExceptionally(new IllegalStateException("no database"));
        rested.get(0).run();
        saves.offer("a", 400, () -> {
            throw new IllegalStateException("not to be serialized");
        });
        rested.get(1).run();
        offer("a", 600);
        assertEquals(List.of("a 200", "a 600"), begun);
    }

    @Test
    void aDeletionWaitsForTheSaveBeforeItHoweverItEnds() {
        offer("a", 200);
        CompletableFuture<Void> deletion =
                saves.afterwards("a", () -> deletion("a")).toCompletableFuture();
        assertEquals(List.of("a 200"), begun);
        running.get(0).completeExceptionally(new IllegalStateException("no database"));
        assertEquals(List.of("a 200", "a deleted"), begun);
        assertTrue(deletion.isDone() && !deletion.isCompletedExceptionally());
        assertTrue(
                saves.afterwards("b", () -> deletion("b")).toCompletableFuture().isDone());
        assertEquals(List.of("a 200", "a deleted", "b deleted"), begun);
    }

    @Test
    void hasEndedWhenAllHave() {
        offer("a", 200);
        offer("b", 200);
        CompletableFuture<Void> ended = saves.ended().toCompletableFuture();
        running.get(0).complete(null);
        assertFalse(ended.isDone());
        running.get(1).completeExceptionally(new IllegalStateException("no database"));
        assertTrue(ended.isDone() && !ended.isCompletedExceptionally());
    }

    private void offer(String id, long sequenceNr) {
        saves.offer(id, sequenceNr, () -> {
            CompletableFuture<Void> save = new CompletableFuture<>();
            begun.add(id + " " + sequenceNr);
            running.add(save);
            return save;
        });
    }

    private CompletionStage<Void> deletion(String id) {
        begun.add(id + " deleted");
        return CompletableFuture.completedStage(null);
    }
}
