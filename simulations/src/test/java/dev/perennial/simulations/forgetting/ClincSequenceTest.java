package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.simulations.world.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClincSequenceTest {
    @Test
    void eachDomainIsATaskAndEachIntentAnAnswer(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("domains.json"),
                "{\"travel\":[\"book_flight\",\"visa\"],\"small_talk\":[\"greeting\"]}");
        Files.writeString(
                folder.resolve("data_full.json"),
                "{\"train\":[[\"fly me\",\"book_flight\"],[\"hello\",\"greeting\"],[\"hi\",\"greeting\"]],"
                        + "\"test\":[[\"a seat\",\"book_flight\"],[\"hey\",\"greeting\"]]}");
        TaskSequence sequence = ClincSequence.of(folder, 1, 1, 1, 1);
        assertEquals("clinc", sequence.name());
        assertEquals(
                List.of("travel", "small talk"),
                sequence.tasks().stream().map(LearningTask::name).toList());
        assertEquals(
                List.of(new Exchange("Intent of: fly me", "book flight")),
                sequence.tasks().get(0).taught());
        assertEquals(
                List.of(new Exchange("Intent of: hey", "greeting")),
                sequence.tasks().get(1).asked());
        assertEquals(1, sequence.tasks().get(1).taught().size());
    }
}
