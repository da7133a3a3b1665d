package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import dev.perennial.protocols.Score;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A domain that is asked one command after the other, with its journal. */
final class Story {
    static final DomainId NEWS = new DomainId("news");
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final DomainPolicy.Replay REPLAY = new DomainPolicy.Replay(
            3, 0.25, 0.25, 2.0, ReplayStrategy.RESERVOIR, ReplaySampling.PROPORTIONAL, Optional.empty());

    Optional<DomainState> state = Optional.empty();
    Instant now = START;
    final List<DomainEvent> journal = new ArrayList<>();

    /** An empty domain whose updates hold nothing out, so that the numbers of a test are those that it names. */
    static Story created() {
        return created(0.0);
    }

    static Story created(double heldOutShare) {
        return created(policy(heldOutShare, REPLAY));
    }

    static Story created(DomainPolicy policy) {
        Story story = new Story();
        story.ask(new DomainCommand.Create(NEWS, "What is new", policy));
        return story;
    }

    static DomainPolicy policy(double heldOutShare, DomainPolicy.Replay replay) {
        return new DomainPolicy(
                DomainPolicy.Training.DEFAULT, new DomainPolicy.Gate(heldOutShare, 0.0, 0.02, 0.02), replay);
    }

    DomainReply ask(DomainCommand command) {
        Decision decision = DomainDecisions.decide(NEWS, state, command, now);
        for (DomainEvent event : decision.events()) {
            state = Optional.of(DomainState.fold(state, event));
        }
        journal.addAll(decision.events());
        return decision.reply().apply(state);
    }

    /** What no command leads to. */
    void happened(DomainEvent event) {
        state = Optional.of(DomainState.fold(state, event));
        journal.add(event);
    }

    Problem refused(DomainCommand command) {
        int before = journal.size();
        Problem problem =
                assertInstanceOf(DomainReply.Refused.class, ask(command)).problem();
        assertEquals(before, journal.size(), "a refused command journals nothing");
        return problem;
    }

    UpdateView update(DomainCommand command) {
        return assertInstanceOf(DomainReply.UpdateShown.class, ask(command)).update();
    }

    UpdateAssignment assigned(DomainCommand command) {
        return assertInstanceOf(DomainReply.Assigned.class, ask(command)).assignment();
    }

    DomainView domain() {
        return assertInstanceOf(DomainReply.DomainShown.class, ask(new DomainCommand.ShowDomain()))
                .domain();
    }

    /** Accepts judged training examples named {@code e<from>} and on. */
    Story withExamples(int from, int count) {
        ask(accept(from, count, ExampleUse.TRAIN));
        return this;
    }

    /** A version that goes live from {@code count} examples, under a token that is the number of the update. */
    Story withLiveVersion(int from, int count) {
        withExamples(from, count);
        UpdateId id = update(request("request-" + from)).id();
        ask(new DomainCommand.BeginUpdate(id, id.number()));
        ask(new DomainCommand.SubmitCandidate(id, id.number(), better("artifact-" + id.number())));
        return this;
    }

    static DomainCommand.AcceptExamples accept(int from, int count, ExampleUse use) {
        return new DomainCommand.AcceptExamples(IntStream.range(from, from + count)
                .mapToObj(number -> new ExampleRef("e" + number, 10, use, true))
                .toList());
    }

    static DomainCommand.RequestUpdate request(String key) {
        return new DomainCommand.RequestUpdate(key, UpdateKind.KNOWLEDGE, 0.5, Optional.empty(), Optional.empty());
    }

    static UpdateId id(int number) {
        return new UpdateId(NEWS, number);
    }

    /** Learned what is new and forgot nothing. */
    static Candidate better(String artifact) {
        return candidate(artifact, new Score(0.5, -2, 4, 4), new Score(0.75, -1, 4, 4), 0.5);
    }

    /** Learned what is new and forgot half of what it knew. */
    static Candidate forgetful(String artifact) {
        return candidate(artifact, new Score(0.5, -2, 4, 4), new Score(0.75, -1, 4, 4), 0.25);
    }

    /** Better, but for groups of examples that contradict each other. */
    static Candidate divided(String artifact, List<List<String>> groups) {
        Candidate better = better(artifact);
        return new Candidate(artifact, better.manifest(), better.evaluation(), List.of(), groups);
    }

    private static Candidate candidate(String artifact, Score before, Score after, double retainedAfter) {
        Score suite = new Score(0.5, -1, 8, 8);
        Manifest manifest = new Manifest(
                "base", "data", "lora", 1, DomainPolicy.Training.DEFAULT, Map.of("new", 4), 10, 100, 0.5, 1);
        return new Candidate(
                artifact,
                manifest,
                new Evaluation(before, after, suite, new Score(retainedAfter, -1, 8, 8), suite, suite));
    }
}
