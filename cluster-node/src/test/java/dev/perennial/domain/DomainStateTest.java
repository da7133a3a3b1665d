package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DomainStateTest {
    private static final int STORIES = 150;
    private static final int COMMANDS = 110;

    @Test
    void foldsEveryPermittedEvent() {
        Story story = everyEvent();
        Set<Class<?>> told = new HashSet<>();
        story.journal.forEach(event -> told.add(event.getClass()));
        assertEquals(Set.of(DomainEvent.class.getPermittedSubclasses()), told);
        assertEquals(story.state.orElseThrow(), fold(story.journal));
    }

    /** All events of a domain's life, one example of each at least. */
    private static Story everyEvent() {
        Story story = Story.created().withLiveVersion(0, 2).withExamples(10, 2);
        story.ask(Story.request("rejected"));
        story.ask(Story.request("merged"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(2), 2));
        story.ask(new DomainCommand.SubmitCandidate(Story.id(2), 2, Story.forgetful("bad")));
        story.ask(Story.request("cancelled"));
        story.ask(new DomainCommand.CancelUpdate(Story.id(3), "not wanted"));
        story.ask(Story.request("failed"));
        story.ask(new DomainCommand.FailUpdate(Story.id(4), 3, "no trainer survived"));
        story.ask(new DomainCommand.Rollback("rollback", 0, "users complain"));
        story.withExamples(20, 3);
        story.ask(Story.request("divided"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(5), 5));
        story.ask(new DomainCommand.TakeCheckpoint(Story.id(5), new Checkpoint("checkpoint", 10, 5)));
        story.ask(new DomainCommand.SubmitCandidate(
                Story.id(5), 5, Story.divided("artifact", List.of(List.of("e20", "e21")))));
        story.ask(new DomainCommand.DeleteExamples(List.of("e10")));
        story.happened(new DomainEvent.DeletionCompleted(List.of("e10"), story.now));
        story.happened(new DomainEvent.CheckpointsRemoved(List.of("checkpoint"), story.now));
        story.happened(new DomainEvent.CompletionsCounted(3, story.now));
        story.withExamples(30, 2);
        story.ask(Story.request("poisoned"));
        story.ask(new DomainCommand.BeginUpdate(Story.id(6), 6));
        story.ask(new DomainCommand.FailUpdate(Story.id(6), 6, "it crashed each time"));
        story.ask(Story.request("again"));
        return story;
    }

    @Test
    void refusesAnEventBeforeItsDomain() {
        DomainEvent event = new DomainEvent.ExamplesAccepted(List.of(), Story.START);
        assertThrows(AssertionError.class, () -> DomainState.fold(Optional.empty(), event));
    }

    @Test
    void isTheSameFromAllEventsAndFromAnySnapshotWithItsTail() {
        long promoted = 0;
        for (long seed = 0; seed < STORIES; seed++) {
            Story story = randomStory(seed);
            DomainState whole = fold(story.journal);
            assertEquals(story.state.orElseThrow(), whole, "seed " + seed);
            int cut = 1 + new Random(seed).nextInt(story.journal.size());
            DomainState restored =
                    DomainState.fromSnapshot(fold(story.journal.subList(0, cut)).toSnapshot());
            for (DomainEvent event : story.journal.subList(cut, story.journal.size())) {
                restored = restored.apply(event);
            }
            assertEquals(whole, restored, "seed " + seed + ", cut " + cut);
            promoted += story.journal.stream()
                    .filter(DomainEvent.VersionPromoted.class::isInstance)
                    .count();
        }
        assertTrue(promoted > STORIES, "the stories are to get as far as to promote; they promoted " + promoted);
    }

    @Test
    void neverRunsTwoUpdatesOrLosesAnExample() {
        for (long seed = 0; seed < STORIES; seed++) {
            DomainState state = randomStory(seed).state.orElseThrow();
            ExampleLedger examples = state.examples();
            assertTrue(state.updates().open().size() <= 2, "seed " + seed);
            assertTrue(
                    examples.accepted()
                            .containsAll(Split.ids(examples.waiting().byNumber().values())),
                    "seed " + seed);
            assertTrue(state.fresh() >= 0, "seed " + seed);
        }
    }

    @Test
    void neverBringsADeletedExampleBack() {
        int deleted = 0;
        int setAside = 0;
        for (long seed = 0; seed < STORIES; seed++) {
            Set<String> gone = new HashSet<>();
            Optional<DomainState> state = Optional.empty();
            for (DomainEvent event : randomStory(seed).journal) {
                state = Optional.of(DomainState.fold(state, event));
                if (event instanceof DomainEvent.ExamplesDeleted deletion) {
                    gone.addAll(deletion.ids());
                }
                ExampleLedger examples = state.orElseThrow().examples();
                String place = "seed " + seed + " after " + event;
                assertTrue(Collections.disjoint(gone, examples.accepted()), place);
                assertTrue(Collections.disjoint(gone, examples.replay().ids()), place);
                assertTrue(Collections.disjoint(gone, examples.retained().ids()), place);
                examples.conflicts().groups().values().forEach(conflict -> {
                    assertTrue(Collections.disjoint(gone, Views.ids(conflict)), place);
                    assertTrue(conflict.examples().size() > 1, place);
                });
                setAside += event instanceof DomainEvent.ExamplesSetAside ? 1 : 0;
                assertTrue(
                        Collections.disjoint(
                                gone, Split.ids(examples.waiting().byNumber().values())),
                        place);
            }
            deleted += gone.size();
        }
        assertTrue(deleted > STORIES, "the stories are to delete; they deleted " + deleted);
        assertTrue(setAside > STORIES / 10, "the stories are to set aside; they did so " + setAside + " times");
    }

    private static DomainState fold(List<DomainEvent> events) {
        Optional<DomainState> state = Optional.empty();
        for (DomainEvent event : events) {
            state = Optional.of(DomainState.fold(state, event));
        }
        return state.orElseThrow();
    }

    private static Story randomStory(long seed) {
        Random random = new Random(seed);
        Story story = Story.created(randomPolicy(random));
        for (int i = 0; i < COMMANDS; i++) {
            story.now = story.now.plusSeconds(random.nextInt(100));
            story.ask(randomCommand(random, story, i));
            if (random.nextInt(10) == 0) {
                List<String> rows = List.copyOf(story.state.orElseThrow().rowsToRemove());
                story.happened(new DomainEvent.DeletionCompleted(rows, story.now));
            }
        }
        return story;
    }

    private static DomainCommand randomCommand(Random random, Story story, int step) {
        List<UpdateRequest> open = story.state.orElseThrow().openRequests();
        boolean stray = open.isEmpty() || random.nextInt(4) == 0;
        UpdateId update = stray ? Story.id(1 + random.nextInt(9)) : open.get(0).id();
        long token = stray ? random.nextInt(9) : update.number() + random.nextInt(2);
        return switch (random.nextInt(14)) {
            case 0, 1 -> accept(random, 20, ExampleUse.TRAIN);
            case 2 -> accept(random, 5, ExampleUse.EVALUATE);
            case 3, 4 ->
                new DomainCommand.RequestUpdate(
                        "key" + random.nextInt(40), UpdateKind.TASK, 0.5, Optional.empty(), Optional.empty());
            case 5, 6 -> new DomainCommand.BeginUpdate(update, token);
            case 7, 8 -> new DomainCommand.SubmitCandidate(update, token, measured(random, story, "artifact" + step));
            case 9 -> new DomainCommand.SubmitCandidate(update, token, Story.forgetful("artifact" + step));
            case 10 ->
                random.nextBoolean()
                        ? new DomainCommand.CancelUpdate(update, "random")
                        : new DomainCommand.FailUpdate(update, token, "random");
            case 11, 12 -> delete(random, story);
            default -> new DomainCommand.Rollback("rollback" + random.nextInt(20), random.nextInt(4), "random");
        };
    }

    private static DomainCommand delete(Random random, Story story) {
        List<String> accepted = List.copyOf(story.state.orElseThrow().examples().accepted());
        return new DomainCommand.DeleteExamples(
                accepted.isEmpty() ? List.of() : List.of(accepted.get(random.nextInt(accepted.size()))));
    }

    private static DomainPolicy randomPolicy(Random random) {
        ReplayStrategy[] strategies = ReplayStrategy.values();
        DomainPolicy.Replay replay = new DomainPolicy.Replay(
                1 + random.nextInt(10),
                0.25,
                0.25,
                2.0,
                strategies[random.nextInt(strategies.length)],
                random.nextBoolean() ? ReplaySampling.EQUAL : ReplaySampling.PROPORTIONAL,
                random.nextBoolean() ? Optional.of(10 + random.nextInt(50)) : Optional.empty());
        return Story.policy(random.nextBoolean() ? 0.3 : 0.0, replay);
    }

    /** Examples that ask 40 questions, so that some are answered anew. */
    private static DomainCommand accept(Random random, int most, ExampleUse use) {
        int from = random.nextInt(300);
        return new DomainCommand.AcceptExamples(IntStream.range(from, from + random.nextInt(most))
                .mapToObj(number -> new ExampleRef(
                        "e" + number,
                        1 + number % 50,
                        use,
                        number % 5 > 0,
                        number % 5 > 0 ? Optional.of("p" + number % 40) : Optional.empty(),
                        number % 5 > 0 ? Optional.of("a" + number % 7) : Optional.empty(),
                        number % 3 > 0 ? Optional.of("s" + number % 3) : Optional.empty()))
                .toList());
    }

    private static Candidate measured(Random random, Story story, String artifact) {
        Candidate better = Story.better(artifact);
        List<Measurement> measurements = IntStream.range(0, 320)
                .filter(number -> random.nextInt(4) > 0)
                .mapToObj(number -> new Measurement(
                        "e" + number,
                        1 + random.nextInt(20),
                        Optional.of(random.nextDouble()),
                        Optional.of(random.nextInt(320))))
                .toList();
        List<String> waiting = Split.ids(
                story.state.orElseThrow().examples().waiting().byNumber().values());
        List<List<String>> conflicts = IntStream.range(0, waiting.isEmpty() ? 0 : random.nextInt(3))
                .mapToObj(group -> random.ints(2 + group, 0, waiting.size())
                        .mapToObj(waiting::get)
                        .toList())
                .toList();
        return new Candidate(better.artifact(), better.manifest(), better.evaluation(), measurements, conflicts);
    }
}
