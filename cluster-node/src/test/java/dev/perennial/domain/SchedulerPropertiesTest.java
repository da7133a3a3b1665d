package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random histories of the scheduler, over everything that can happen to it. */
class SchedulerPropertiesTest {
    private static final Instant START = Story.START;
    private static final SchedulerSettings SETTINGS = new SchedulerSettings(
            3,
            Duration.ofHours(10),
            Duration.ofMinutes(5),
            new SchedulerSettings.Budgets(Optional.empty(), Map.of("t0", 40_000.0)));

    /** A history by its seed; what it comes to is looked at after each step. */
    private static final class History {
        final Random random;
        SchedulerState state = SchedulerState.EMPTY;
        Instant now = START;
        final List<SchedulerEvent> journal = new ArrayList<>();

        History(long seed) {
            random = new Random(seed);
        }

        void step() {
            now = now.plusSeconds(random.nextInt(3 * 3600));
            List<SchedulerEvent> events = events();
            state = state.applyAll(events);
            journal.addAll(events);
        }

        private List<SchedulerEvent> events() {
            UpdateId update = new UpdateId(new DomainId("d" + random.nextInt(12)), 1 + random.nextInt(4));
            String trainer = "trainer" + random.nextInt(5);
            return switch (random.nextInt(9)) {
                case 0, 1, 2 -> SchedulerDecisions.enqueue(state, request(update, random, now), now);
                case 3 -> SchedulerDecisions.expire(state, SETTINGS, Map.of(), now);
                case 4, 5 ->
                    state.leaseOf(trainer)
                            .map(lease -> finished(trainer, lease))
                            .orElse(List.of());
                case 6, 7 ->
                    state.leaseOf(trainer).isPresent()
                            ? Preemption.preempt(state, SETTINGS, busy(), now)
                            : SchedulerDecisions.grant(state, SETTINGS, Placement.unknown(trainer), now);
                default ->
                    random.nextInt(4) == 0 ? SchedulerDecisions.remove(state, update, "withdrawn", now) : List.of();
            };
        }

        private List<Placement.Trainer> busy() {
            return Placement.unknown(state.leases().keySet().toArray(String[]::new));
        }

        private List<SchedulerEvent> finished(String trainer, Lease lease) {
            Optional<String> failure = random.nextInt(3) == 0 ? Optional.of("no") : Optional.empty();
            boolean asked = state.find(lease.update()).flatMap(Entry::yieldsTo).isPresent();
            if (asked && random.nextBoolean()) {
                return SchedulerDecisions.giveBack(state, trainer, lease, "paused", now);
            }
            return SchedulerDecisions.finish(state, trainer, lease, failure, now);
        }
    }

    @Test
    void ranksAsSortingEverythingAnewWould() {
        for (long seed = 0; seed < 60; seed++) {
            History history = new History(seed);
            for (int step = 0; step < 150; step++) {
                history.step();
                Instant later = history.now.plusSeconds(history.random.nextInt(48 * 3600));
                SchedulerState state = history.state.at(later);
                List<UpdateId> naive = state.entries().values().stream()
                        .filter(entry -> entry.ends().isEmpty() && state.isFree(entry))
                        .sorted(SchedulerDecisions.bestFirst(state, later))
                        .map(entry -> entry.request().id())
                        .toList();
                List<UpdateId> ranked = new ArrayList<>();
                Iterator<UpdateId> all = state.ranking().bestFirst(state.usage(), lane -> true);
                all.forEachRemaining(ranked::add);
                assertEquals(naive, ranked, "seed " + seed + " step " + step);
                assertEquals(
                        naive.stream().findFirst(), state.ranking().best(state.usage(), lane -> true), "seed " + seed);
            }
        }
    }

    @Test
    void isTheSameFromItsJournalAndFromASnapshot() {
        for (long seed = 100; seed < 130; seed++) {
            History history = new History(seed);
            for (int step = 0; step < 150; step++) {
                history.step();
                assertEquals(history.state, SchedulerState.fromSnapshot(history.state.toSnapshot()), "seed " + seed);
            }
            assertEquals(history.state, SchedulerState.EMPTY.applyAll(history.journal), "seed " + seed);
        }
    }

    @Test
    void keepsDomainsGroupsAndTrainersApart() {
        int conflicts = 0;
        for (long seed = 200; seed < 260; seed++) {
            History history = new History(seed);
            for (int step = 0; step < 150; step++) {
                history.step();
                Set<DomainId> domains = new HashSet<>();
                Set<String> groups = new HashSet<>();
                for (Entry entry : history.state.held()) {
                    assertTrue(domains.add(entry.request().id().domain()), "seed " + seed);
                    entry.request().conflictGroups().forEach(group -> assertTrue(groups.add(group), group));
                }
                for (Entry entry : history.state.entries().values()) {
                    assertTrue(entry.ends().size() <= SETTINGS.attempts());
                    conflicts += history.state.groups().holder(entry.request()).isPresent() ? 1 : 0;
                }
            }
        }
        assertTrue(conflicts > 100, "the histories had conflicts to keep apart");
    }

    @Test
    void stopsOnlyWhatLetsTheFixBeginThatItIsAskedFor() {
        List<Placement.Trainer> trainers = IntStream.range(0, 5)
                .mapToObj(number -> new Placement.Trainer(
                        "trainer" + number,
                        Optional.of(new TrainerCapabilities(
                                "cpu", 1L << 40, number < 2 ? List.of("base") : List.of(), List.of()))))
                .toList();
        int stopped = 0;
        for (long seed = 400; seed < 460; seed++) {
            History history = new History(seed);
            for (int step = 0; step < 150; step++) {
                history.step();
                SchedulerState begun = granted(history.state, trainers, history.now);
                List<SchedulerEvent> asked = Preemption.preempt(begun, SETTINGS, trainers, history.now);
                SchedulerState state = begun;
                List<Entry> stopping = begun.held().stream()
                        .filter(entry -> entry.yieldsTo().isPresent())
                        .toList();
                for (Entry entry : stopping) {
                    state = stopped(state, entry.request().id(), history.now);
                }
                for (Entry entry : stopping) {
                    state = begunInPlaceOf(entry, state, history.now);
                }
                state = granted(state, trainers, history.now);
                for (SchedulerEvent event : asked) {
                    SchedulerEvent.PreemptionAsked each = (SchedulerEvent.PreemptionAsked) event;
                    assertEquals(
                            Optional.empty(),
                            state.find(each.urgent()).orElseThrow().trainer());
                    state = granted(stopped(state.apply(each), each.update(), history.now), trainers, history.now);
                    assertTrue(
                            state.find(each.urgent()).orElseThrow().trainer().isPresent(),
                            "seed " + seed + " step " + step + ": " + each);
                    stopped++;
                }
            }
        }
        assertTrue(stopped > 100, "stopped " + stopped);
    }

    /** The fix that it stops for, where that may begin. */
    private static SchedulerState begunInPlaceOf(Entry stopped, SchedulerState state, Instant now) {
        return state.find(stopped.yieldsTo().orElseThrow())
                .filter(fix -> state.isFree(fix) && SchedulerDecisions.isReady(fix, SETTINGS, now))
                .map(fix -> state.apply(new SchedulerEvent.LeaseGranted(
                        fix.request().id(),
                        state.lastToken() + 1,
                        stopped.trainer().orElseThrow(),
                        Optional.empty(),
                        now)))
                .orElse(state);
    }

    private static SchedulerState granted(SchedulerState state, List<Placement.Trainer> trainers, Instant now) {
        return state.applyAll(SchedulerDecisions.grant(state, SETTINGS, state.idle(trainers), now));
    }

    private static SchedulerState stopped(SchedulerState state, UpdateId update, Instant now) {
        Entry entry = state.find(update).orElseThrow();
        return state.applyAll(SchedulerDecisions.giveBack(
                state, entry.trainer().orElseThrow(), SchedulerState.lease(entry), "paused", now));
    }

    @Test
    void letsNothingWaitLongerThanTheBoundAndWhatWasBeforeIt() {
        Duration bound = PriorityWeights.DEFAULT.starvationBound();
        for (long seed = 300; seed < 310; seed++) {
            Random random = new Random(seed);
            UpdateSignals poor =
                    new UpdateSignals(1, 9, 0, Optional.of(0.0), Optional.of(START), 1, 1, 1, Optional.empty());
            UpdateId least = new UpdateId(new DomainId("least"), 1);
            SchedulerState state = SchedulerState.EMPTY.applyAll(SchedulerDecisions.enqueue(
                    SchedulerState.EMPTY,
                    new UpdateRequest(
                            least,
                            UpdateKind.KNOWLEDGE,
                            0,
                            Optional.empty(),
                            Optional.empty(),
                            1,
                            START,
                            "t9",
                            List.of(),
                            poor),
                    START));
            Instant now = START;
            boolean granted = false;
            int number = 0;
            // Two requests come for each one that is served, so that the queue grows for ever.
            while (!granted) {
                now = now.plus(Duration.ofMinutes(30));
                for (int i = 0; i < 2; i++) {
                    UpdateId id = new UpdateId(new DomainId("d" + number++), 1);
                    state = state.applyAll(SchedulerDecisions.enqueue(state, request(id, random, now), now));
                }
                List<SchedulerEvent> grants =
                        SchedulerDecisions.grant(state, SchedulerSettings.DEFAULT, Placement.unknown("a"), now);
                granted = grants.get(0) instanceof SchedulerEvent.LeaseGranted lease
                        && lease.update().equals(least);
                state = state.applyAll(grants);
                Lease lease = state.leaseOf("a").orElseThrow();
                state = state.applyAll(
                        SchedulerDecisions.finish(state, "a", lease, Optional.empty(), now.plusSeconds(60)));
                // All that came within the bound may be served first, one each half hour.
                assertTrue(
                        Duration.between(START, now).compareTo(bound.multipliedBy(2)) <= 0,
                        "still waiting after " + Duration.between(START, now) + "; seed " + seed);
            }
        }
    }

    private static UpdateRequest request(UpdateId id, Random random, Instant now) {
        Optional<Instant> deadline =
                random.nextInt(3) == 0 ? Optional.of(now.plusSeconds(random.nextInt(100 * 3600))) : Optional.empty();
        List<String> groups = new ArrayList<>();
        if (id.domain().value().matches("d[0-5]")) {
            groups.add("even" + id.domain().value().charAt(1) % 2);
            groups.add("low" + id.domain().value().charAt(1) / 3);
        }
        UpdateSignals signals = new UpdateSignals(
                random.nextDouble() * 100,
                random.nextDouble() * 100,
                random.nextDouble() * 1e5,
                random.nextBoolean() ? Optional.of(random.nextDouble()) : Optional.empty(),
                Optional.of(now.minusSeconds(random.nextInt(100 * 3600))),
                random.nextDouble(),
                random.nextInt(400),
                random.nextInt(1_000_000),
                random.nextBoolean() ? Optional.of("base") : Optional.empty());
        return new UpdateRequest(
                id,
                List.of(UpdateKind.values()).get(random.nextInt(UpdateKind.values().length)),
                random.nextDouble(),
                deadline,
                Optional.empty(),
                random.nextInt(10_000),
                now.minusSeconds(random.nextInt(60)),
                "t" + random.nextInt(3),
                groups,
                signals);
    }
}
