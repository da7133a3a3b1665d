package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.domain.Placement.Trainer;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerEvent.LeaseGranted;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which trainer gets an update. */
class PlacementTest {
    private static final Instant NOW = Story.START;
    private static final SchedulerSettings SETTINGS = SchedulerSettings.DEFAULT;
    private static final DomainId NEWS = new DomainId("news");
    private static final DomainId LAW = new DomainId("law");
    private static final long GIB = 1L << 30;

    private SchedulerState state = SchedulerState.EMPTY;

    @Test
    void givesNothingToATrainerWithoutTheBaseOfTheDomain() {
        enqueue(request(NEWS, 0.5, Optional.of("base-1"), Optional.empty()));
        assertEquals(List.of(), grant(cpu("a", "base-2")));
        assertEquals(List.of("b"), trainers(grant(cpu("a", "base-2"), cpu("b", "base-1"))));
    }

    @Test
    void givesTheFirstVersionOfADomainToAnyBase() {
        enqueue(request(NEWS, 0.5, Optional.empty(), Optional.empty()));
        assertEquals(List.of("a"), trainers(grant(cpu("a", "base-2"))));
    }

    @Test
    void givesNothingToATrainerWithLessMemoryThanTheUpdateNeeds() {
        enqueue(request(NEWS, 0.5, Optional.empty(), Optional.of(4 * GIB)));
        assertEquals(List.of(), grant(withMemory("small", 3 * GIB, Optional.empty())));
        assertEquals(List.of(), grant(withMemory("full", 9 * GIB, Optional.of(3 * GIB))));
        assertEquals(List.of("large"), trainers(grant(withMemory("large", 4 * GIB, Optional.empty()))));
    }

    @Test
    void keepsNoOtherRequestWaitingBehindOneThatFitsNoIdleTrainer() {
        enqueue(request(NEWS, 1.0, Optional.of("base-1"), Optional.of(4 * GIB)));
        enqueue(request(LAW, 0.0, Optional.of("base-2"), Optional.empty()));
        List<LeaseGranted> grants = grant(cpu("a", "base-2"), cpu("b", "base-2"));
        assertEquals(
                List.of(new UpdateId(LAW, 1)),
                grants.stream().map(LeaseGranted::update).toList());
        state = state.applyAll(grants);
        assertEquals(
                Optional.of("waits for a trainer that fits: a has not the base base-1; b has not the base base-1"),
                waitsFor(NEWS, cpu("a", "base-2"), cpu("b", "base-2")));
        assertEquals(
                Optional.of("waits for a trainer that fits: a has 1.00 GiB free of the 4.00 GiB needed"),
                waitsFor(NEWS, cpu("a", "base-1")));
        assertEquals(Optional.of("waits for a trainer; there is none that takes leases"), waitsFor(NEWS));
    }

    @Test
    void saysThatTheTrainersThatFitAreBusy() {
        enqueue(request(LAW, 0.5, Optional.of("base-1"), Optional.empty()));
        state = state.applyAll(grant(cpu("a", "base-1")));
        enqueue(request(NEWS, 0.5, Optional.of("base-1"), Optional.empty()));
        assertEquals(Optional.empty(), waitsFor(NEWS, cpu("a", "base-1")), "it is next");
        assertEquals(
                Optional.of("waits for a trainer that fits and is busy: b has not the base base-1"),
                waitsFor(NEWS, cpu("a", "base-1"), cpu("b", "base-2")));
    }

    @Test
    void triesAgainElsewhereWhereThereIsAnother() {
        enqueue(request(NEWS, 0.5, Optional.of("base"), Optional.empty()));
        Trainer warm = able("a", "cuda:0", 2);
        Trainer other = able("z", "cpu", 0);
        state = state.applyAll(grant(warm, other));
        assertEquals(Optional.of(new Lease(new UpdateId(NEWS, 1), 1)), state.leaseOf("a"));
        state = state.applyAll(SchedulerDecisions.end("a", state.leaseOf("a").orElseThrow(), "died", NOW));
        Instant later = NOW.plusSeconds(60);
        LeaseGranted again = grant(later, warm, other).get(0);
        assertEquals("z", again.trainer());
        assertEquals(
                Optional.of(
                        "has the base base, is on cpu; rather than a, as the update's latest attempt did not end there"),
                again.placement());
        assertEquals(List.of("a"), trainers(grant(later, warm)), "the same one where it is alone");
    }

    @Test
    void triesAgainElsewhereEvenWhereTheTrainerHasWorkedSince() {
        enqueue(request(NEWS, 0.5, Optional.of("base"), Optional.empty()));
        Trainer warm = able("a", "cuda:0", 2);
        state = state.applyAll(grant(warm));
        state = state.applyAll(SchedulerDecisions.end("a", state.leaseOf("a").orElseThrow(), "died", NOW));
        DomainId between = new DomainId("between");
        enqueue(request(between, 0.5, Optional.of("base"), Optional.empty()));
        state = state.applyAll(grant(warm));
        Lease other = state.leaseOf("a").orElseThrow();
        assertEquals(between, other.update().domain());
        state = state.applyAll(SchedulerDecisions.finish(state, "a", other, Optional.empty(), NOW));
        assertEquals(List.of("z"), trainers(grant(NOW.plusSeconds(60), warm, able("z", "cpu", 0))));
    }

    @Test
    void goesOnAtTheSameTrainerWhereAnUpdateHadOnlyGivenWay() {
        enqueue(request(NEWS, 0.5, Optional.of("base"), Optional.empty()));
        Trainer warm = able("a", "cpu", 2);
        Trainer other = able("z", "cpu", 0);
        state = state.applyAll(grant(warm, other));
        Lease lease = state.leaseOf("a").orElseThrow();
        state = state.applyAll(SchedulerDecisions.giveBack(state, "a", lease, "paused", NOW));
        assertEquals(List.of("a"), trainers(grant(warm, other)));
    }

    @Test
    void prefersTheGpuThenTheDomainsOwnVersionThenWhatWasUsedLongestAgo() {
        Trainer gpu = able("d", "cuda:0", 0);
        Trainer warmest = able("c", "cpu", 3);
        Trainer warm = able("b", "cpu", 2);
        Trainer cold = able("a", "cpu", 0);
        List<Trainer> left = List.of(cold, warm, warmest, gpu);
        List<String> reasons = List.of(
                "has the base base, is on cuda:0; rather than c, as its device is faster",
                "has the base base, is on cpu, has news@3 at hand; rather than b, as it has the later version of the"
                        + " domain at hand",
                "has the base base, is on cpu, has news@2 at hand; rather than a, as it has the later version of the"
                        + " domain at hand",
                "the only idle trainer");
        for (int i = 0; i < reasons.size(); i++) {
            enqueue(request(NEWS, 0.5, Optional.of("base"), Optional.empty()));
            LeaseGranted granted = grant(left.toArray(Trainer[]::new)).get(0);
            assertEquals(left.get(left.size() - 1).id(), granted.trainer());
            assertEquals(Optional.of(reasons.get(i)), granted.placement());
            left = left.subList(0, left.size() - 1);
        }
    }

    @Test
    void takesTrainersThatAreAlikeInTurnAndByNameAtFirst() {
        for (String expected : List.of("a", "b", "c", "a", "b")) {
            enqueue(request(NEWS, 0.5, Optional.empty(), Optional.empty()));
            List<LeaseGranted> granted = grant(cpu("c", "base"), cpu("a", "base"), cpu("b", "base"));
            assertEquals(List.of(expected), trainers(granted));
            state = state.applyAll(granted);
            Lease lease = state.leaseOf(expected).orElseThrow();
            state = state.applyAll(SchedulerDecisions.finish(state, expected, lease, Optional.empty(), NOW));
            state = SchedulerState.fromSnapshot(state.toSnapshot());
        }
    }

    @Test
    void takesATrainerThatHasNotSaidWhatItCanDoLast() {
        enqueue(request(NEWS, 0.5, Optional.of("base-1"), Optional.of(GIB)));
        Trainer silent = Placement.unknown("a").get(0);
        LeaseGranted granted = grant(silent, cpu("b", "base-1")).get(0);
        assertEquals("b", granted.trainer());
        assertEquals(List.of("a"), trainers(grant(silent)));
    }

    @Test
    void asksNoUpdateToStopWhoseTrainerTheUrgentOneCouldNotUse() {
        enqueue(request(NEWS, 0.0, Optional.of("base-2"), Optional.empty()));
        Trainer unfit = cpu("a", "base-2");
        state = state.applyAll(grant(unfit));
        UpdateId urgent = new UpdateId(LAW, 1);
        enqueue(new UpdateRequest(
                urgent,
                UpdateKind.FIX,
                1,
                Optional.empty(),
                Optional.empty(),
                9,
                NOW,
                "default",
                List.of(),
                signals(Optional.of("base-1"))));
        assertEquals(List.of(), Preemption.preempt(state, SETTINGS, List.of(unfit), NOW));
        assertEquals(
                List.of(new SchedulerEvent.PreemptionAsked(new UpdateId(NEWS, 1), 1, urgent, NOW)),
                Preemption.preempt(state, SETTINGS, List.of(cpu("a", "base-1")), NOW));
    }

    @Test
    void forgetsTheTrainersThatWereUsedLongestAgo() {
        TrainerUses uses = TrainerUses.NONE;
        for (int token = 1; token <= TrainerUses.REMEMBERED + 2; token++) {
            uses = uses.granted("trainer-" + token, token);
        }
        assertEquals(TrainerUses.REMEMBERED, uses.tokens().size());
        assertEquals(0, uses.latest("trainer-2"));
        assertEquals(3, uses.latest("trainer-3"));
        assertEquals(uses, TrainerUses.of(uses.tokens()));
    }

    private void enqueue(UpdateRequest request) {
        state = state.applyAll(SchedulerDecisions.enqueue(state, request, NOW));
    }

    private List<LeaseGranted> grant(Trainer... idle) {
        return grant(NOW, idle);
    }

    private List<LeaseGranted> grant(Instant now, Trainer... idle) {
        return SchedulerDecisions.grant(state, SETTINGS, List.of(idle), now).stream()
                .map(event -> (LeaseGranted) event)
                .toList();
    }

    private static List<String> trainers(List<LeaseGranted> grants) {
        return grants.stream().map(LeaseGranted::trainer).toList();
    }

    private Optional<String> waitsFor(DomainId domain, Trainer... there) {
        List<QueueView.Trainer> known = Stream.of(there)
                .map(trainer -> new QueueView.Trainer(
                        trainer.id(), Optional.empty(), Optional.empty(), NOW, false, trainer.capabilities()))
                .toList();
        return QueueViews.view(state, SETTINGS, known, 10, NOW).requests().stream()
                .filter(request -> request.id().domain().equals(domain))
                .findFirst()
                .flatMap(QueueView.Request::waitsFor);
    }

    private static Trainer cpu(String id, String base) {
        return new Trainer(id, Optional.of(new TrainerCapabilities("cpu", GIB, List.of(base), List.of())));
    }

    private static Trainer withMemory(String id, long bytes, Optional<Long> free) {
        return new Trainer(id, Optional.of(new TrainerCapabilities("cpu", bytes, free, List.of("base"), List.of())));
    }

    /** @param version of news that it has at hand, beside one of another domain; 0 for none */
    private static Trainer able(String id, String device, int version) {
        VersionId other = new VersionId(LAW, 9);
        List<VersionId> adapters = version == 0 ? List.of(other) : List.of(other, new VersionId(NEWS, version));
        return new Trainer(id, Optional.of(new TrainerCapabilities(device, GIB, List.of("base"), adapters)));
    }

    private static UpdateRequest request(
            DomainId domain, double importance, Optional<String> base, Optional<Long> memoryBytes) {
        return new UpdateRequest(
                new UpdateId(domain, 1),
                UpdateKind.TASK,
                importance,
                Optional.empty(),
                Optional.empty(),
                9,
                NOW,
                "default",
                List.of(),
                memoryBytes,
                signals(base));
    }

    private static UpdateSignals signals(Optional<String> base) {
        return new UpdateSignals(0, 0, 0, Optional.empty(), Optional.empty(), 0, 10, 100, base);
    }
}
