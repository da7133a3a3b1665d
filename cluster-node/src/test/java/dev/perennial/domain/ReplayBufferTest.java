package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplaySampling;
import dev.perennial.protocols.ReplayStrategy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplayBufferTest {
    private static final int SEEDS = 20_000;
    private static final List<Kept> TEN = numbered(10);

    @Test
    void keepsEverythingUntilItIsFull() {
        assertEquals(
                List.of("0", "1", "2"),
                offered(reservoir(1, 3), TEN.subList(0, 3)).ids());
    }

    @Test
    void reservoirKeepsEachExampleWithTheSameProbability() {
        Map<String, Integer> kept =
                counted(seed -> offered(reservoir(seed, 3), TEN).ids());
        TEN.forEach(each -> assertShare(0.3, kept, each.example().id()));
    }

    @Test
    void reservoirPutsANewcomerIntoEachSlotWithTheSameProbability() {
        Map<String, Integer> slots = counted(seed -> List.of(
                "" + offered(reservoir(seed, 3), TEN.subList(0, 4)).ids().indexOf("3")));
        for (String slot : List.of("-1", "0", "1", "2")) {
            assertShare(0.25, slots, slot);
        }
    }

    /** Worked out apart from this code. These are in journals by now: other ones would change what old domains replay. */
    @Test
    void reservoirKeepsTheSameForEver() {
        assertEquals(List.of("0", "8", "7"), offered(reservoir(7, 3), TEN).ids());
        assertEquals(
                List.of("43", "56", "88", "86", "68"),
                offered(reservoir(Mixing.hash("news/replay"), 5), numbered(100)).ids());
    }

    @Test
    void boundInTokensIsTheSameReservoirWhereAllAreOfOneSize() {
        DomainPolicy.Replay byTokens = policy(ReplayStrategy.RESERVOIR, 1_000, Optional.of(15 * 25));
        assertEquals(
                offered(reservoir(3, 15), numbered(300)).ids(),
                offered(ReplayBuffer.empty(3, byTokens), numbered(300)).ids());
    }

    @Test
    void largeExamplesAreKeptWithTheSameProbabilityAsSmallOnes() {
        // 6 of 20 tokens and 6 of 10 in a buffer of 60: it holds from 3 to 6 of them.
        List<Kept> mixed = IntStream.range(0, 12)
                .mapToObj(number -> sized("" + number, number % 2 == 0 ? 20 : 10))
                .toList();
        DomainPolicy.Replay policy = policy(ReplayStrategy.RESERVOIR, 100, Optional.of(60));
        Map<String, Integer> kept =
                counted(seed -> offered(ReplayBuffer.empty(seed, policy), mixed).ids());
        int large = 0;
        int small = 0;
        for (int number = 0; number < 12; number += 2) {
            large += kept.getOrDefault("" + number, 0);
            small += kept.getOrDefault("" + (number + 1), 0);
        }
        assertEquals(1.0, (double) large / small, 0.1, kept::toString);
    }

    @Test
    void exampleThatIsLargerThanTheBufferIsNotTaken() {
        DomainPolicy.Replay policy = policy(ReplayStrategy.RESERVOIR, 10, Optional.of(60));
        ReplayBuffer buffer = offered(ReplayBuffer.empty(1, policy), List.of(sized("fits", 60), sized("large", 61)));
        assertEquals(List.of("fits"), buffer.ids());
        assertEquals(60, buffer.tokens());
    }

    @Test
    void keepsNothingWithoutCapacity() {
        assertEquals(List.of(), offered(reservoir(1, 0), TEN).ids());
    }

    @Test
    void underASmallerBoundItLetsGoAndUnderALargerOneGoesOn() {
        for (ReplayStrategy strategy : List.of(ReplayStrategy.RESERVOIR, ReplayStrategy.CLASS_BALANCED)) {
            ReplayBuffer four = offered(ReplayBuffer.empty(7, policy(strategy, 4, Optional.empty())), TEN);
            ReplayBuffer two = four.under(policy(strategy, 2, Optional.empty()));
            assertEquals(2, two.size());
            assertTrue(four.ids().containsAll(two.ids()), strategy + ": " + two);
            ReplayBuffer six = four.under(policy(strategy, 6, Optional.empty()));
            assertEquals(four.ids(), six.ids());
            ReplayBuffer later = offered(six, numbered(200).subList(10, 200));
            assertEquals(6, later.size(), strategy + ": " + later);
        }
    }

    @Test
    void exampleThatIsTakenOutLeavesRoomForTheNext() {
        ReplayBuffer buffer = offered(reservoir(7, 3), TEN);
        assertEquals(List.of("0", "8", "7"), buffer.ids());
        ReplayBuffer without = buffer.without("0");
        assertEquals(List.of("7", "8"), without.ids());
        assertEquals(List.of("7", "8", "new"), without.offer(sized("new", 1)).ids());
        assertEquals(buffer, buffer.without("unknown"));
    }

    @Test
    void knownExampleIsNotTakenTwice() {
        ReplayBuffer buffer = offered(reservoir(7, 3), TEN);
        assertEquals(buffer, buffer.offer(TEN.get(8)));
    }

    /** 6, 2 and 1 in 5 places: 2, 2 and 1, in whichever order they come. */
    @ParameterizedTest
    @EnumSource(names = {"CLASS_BALANCED", "SOURCE_BALANCED"})
    void balancedKeepsAsManyOfEachStratumAsThereAre(ReplayStrategy strategy) {
        List<Kept> examples = new ArrayList<>(labelled("aaaaaabbc"));
        for (int seed = 0; seed < 200; seed++) {
            Collections.shuffle(examples, new Random(seed));
            ReplayBuffer buffer = offered(ReplayBuffer.empty(seed, policy(strategy, 5, Optional.empty())), examples);
            Map<String, Integer> sizes = new TreeMap<>();
            buffer.ids().forEach(id -> sizes.merge(id.substring(0, 1), 1, Integer::sum));
            assertEquals(Map.of("a", 2, "b", 2, "c", 1), sizes);
        }
    }

    @Test
    void balancedKeepsEachOfAStratumWithTheSameProbability() {
        DomainPolicy.Replay policy = policy(ReplayStrategy.CLASS_BALANCED, 5, Optional.empty());
        Map<String, Integer> kept = counted(seed ->
                offered(ReplayBuffer.empty(seed, policy), labelled("aaaaaabbc")).ids());
        for (int number = 0; number < 6; number++) {
            assertShare(2.0 / 6, kept, "a" + number);
        }
        assertEquals(SEEDS, kept.get("c8"));
    }

    /** Ranks 2, 0, 3, 1 in 3 places: the first three of the order; a second update takes its part from its first. */
    @Test
    void herdingKeepsTheFirstOfEachUpdatesOrder() {
        ReplayBuffer buffer = ReplayBuffer.empty(1, policy(ReplayStrategy.HERDING, 3, Optional.empty()));
        for (int rank : new int[] {2, 0, 3, 1}) {
            buffer = buffer.offer(measured("first-" + rank, 1, Optional.empty(), Optional.of(rank)));
        }
        assertEquals(Set.of("first-0", "first-1", "first-2"), Set.copyOf(buffer.ids()));
        buffer = buffer.offer(measured("second-1", 2, Optional.empty(), Optional.of(1)));
        assertEquals(Set.of("first-0", "first-1", "second-1"), Set.copyOf(buffer.ids()));
        buffer = buffer.offer(measured("second-0", 2, Optional.empty(), Optional.of(0)));
        assertEquals(Set.of("first-0", "first-1", "second-0"), Set.copyOf(buffer.ids()));
    }

    @Test
    void herdingGivesUpFirstWhatWasNotMeasured() {
        ReplayBuffer buffer = ReplayBuffer.empty(1, policy(ReplayStrategy.HERDING, 1, Optional.empty()));
        buffer = buffer.offer(measured("unknown", 1, Optional.empty(), Optional.empty()))
                .offer(measured("last", 1, Optional.empty(), Optional.of(99)));
        assertEquals(List.of("last"), buffer.ids());
    }

    /** Of losses 1 and 3 in one place, 3 is kept three times in four. */
    @Test
    void lossBasedKeepsInProportionToTheLoss() {
        DomainPolicy.Replay policy = policy(ReplayStrategy.LOSS_BASED, 1, Optional.empty());
        List<Kept> two = List.of(lost("e1", 1.0), lost("e3", 3.0));
        Map<String, Integer> kept =
                counted(seed -> offered(ReplayBuffer.empty(seed, policy), two).ids());
        assertShare(0.25, kept, "e1");
        assertShare(0.75, kept, "e3");
    }

    /** Losses 1, 2, 3 in two places, drawn one after the other: 1/6 + 2/6·1/4 + 3/6·1/3 = 5/12, and so on. */
    @Test
    void lossBasedDrawsWithoutReplacement() {
        DomainPolicy.Replay policy = policy(ReplayStrategy.LOSS_BASED, 2, Optional.empty());
        List<Kept> three = List.of(lost("e1", 1.0), lost("e2", 2.0), lost("e3", 3.0));
        Map<String, Integer> kept =
                counted(seed -> offered(ReplayBuffer.empty(seed, policy), three).ids());
        assertShare(5.0 / 12, kept, "e1");
        assertShare(11.0 / 15, kept, "e2");
        assertShare(17.0 / 20, kept, "e3");
    }

    @Test
    void tokensAreMeasuredOrElseEstimatedAtFourCharacters() {
        ExampleRef example = new ExampleRef("e", 41, ExampleUse.TRAIN, true);
        assertEquals(11, new Kept(example, 0, 1, Optional.empty()).tokens());
        Measurement measured = new Measurement("e", 7, Optional.empty(), Optional.empty());
        assertEquals(7, new Kept(example, 0, 1, Optional.of(measured)).tokens());
    }

    @Test
    void samplesTheSameForOneSeedAndOnlyWhatIsUsable() {
        ReplayBuffer buffer = offered(reservoir(1, 10), TEN);
        List<String> all = buffer.sample(10, 5, kept -> true);
        assertEquals(
                buffer.ids().stream().sorted().toList(), all.stream().sorted().toList());
        assertEquals(all.subList(0, 4), buffer.sample(4, 5, kept -> true));
        assertNotEquals(all, buffer.sample(10, 6, kept -> true));
        assertEquals(
                List.of("3"), buffer.sample(4, 5, kept -> kept.example().id().equals("3")));
    }

    /** 6 of a and 3 of b: two thirds and a third of 3; half of 4 each; and of 8 all three of b. */
    @Test
    void samplesEachStratumAsThePolicySays() {
        assertEquals(Map.of("a", 2, "b", 1), sampled(ReplaySampling.PROPORTIONAL, 3));
        assertEquals(Map.of("a", 4, "b", 2), sampled(ReplaySampling.PROPORTIONAL, 6));
        assertEquals(Map.of("a", 2, "b", 2), sampled(ReplaySampling.EQUAL, 4));
        assertEquals(Map.of("a", 5, "b", 3), sampled(ReplaySampling.EQUAL, 8));
        assertEquals(Map.of("a", 6, "b", 3), sampled(ReplaySampling.EQUAL, 9));
    }

    private static Map<String, Integer> sampled(ReplaySampling sampling, int most) {
        DomainPolicy.Replay policy =
                new DomainPolicy.Replay(9, 0.2, 0.2, 0, ReplayStrategy.RESERVOIR, sampling, Optional.empty());
        ReplayBuffer buffer = offered(ReplayBuffer.empty(1, policy), labelled("aaaaaabbb"));
        Map<String, Integer> sizes = new TreeMap<>();
        for (int seed = 0; seed < 50; seed++) {
            Map<String, Integer> these = new TreeMap<>();
            buffer.sample(most, seed, kept -> true).forEach(id -> these.merge(id.substring(0, 1), 1, Integer::sum));
            assertTrue(sizes.isEmpty() || sizes.equals(these), () -> sizes + " and " + these);
            sizes.putAll(these);
        }
        return sizes;
    }

    @Test
    void samplesEachOfAStratumWithTheSameProbability() {
        ReplayBuffer buffer = offered(reservoir(1, 9), labelled("aaaaaabbb"));
        Map<String, Integer> drawn = counted(seed -> buffer.sample(3, seed, kept -> true));
        buffer.ids().forEach(id -> assertShare(1.0 / 3, drawn, id));
    }

    @ParameterizedTest
    @EnumSource
    void holdsItsBoundsAndIsTheSameFromItsSnapshotAtAnyPoint(ReplayStrategy strategy) {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            DomainPolicy.Replay policy =
                    policy(strategy, 1 + random.nextInt(20), Optional.of(30 + random.nextInt(200)));
            ReplayBuffer whole = ReplayBuffer.empty(seed, policy);
            ReplayBuffer restored = whole;
            Set<String> out = new HashSet<>();
            for (int step = 0; step < 120; step++) {
                if (random.nextInt(8) == 0) {
                    ExampleRef answer = random(random, step).example();
                    whole = whole.withoutOlderAnswers(answer, step - 5);
                    restored = restored.withoutOlderAnswers(answer, step - 5);
                    int newest = step - 5;
                    assertTrue(whole.kept().stream()
                            .filter(kept -> kept.example().contradicts(answer))
                            .allMatch(kept -> kept.number() >= newest));
                } else if (random.nextInt(6) == 0 && whole.size() > 0) {
                    String id = whole.ids().get(random.nextInt(whole.size()));
                    out.add(id);
                    whole = whole.without(id);
                    restored = restored.without(id);
                } else {
                    Kept example = random(random, step);
                    whole = whole.offer(example);
                    restored = restored.offer(example);
                }
                if (random.nextInt(4) == 0) {
                    restored = ReplayBuffer.of(seed, policy, restored.toSnapshot());
                }
                assertEquals(whole, restored);
                assertEquals(whole.sample(5, step, kept -> true), restored.sample(5, step, kept -> true));
                assertTrue(whole.size() <= policy.capacity()
                        && whole.tokens() <= policy.tokens().orElseThrow());
                assertEquals(
                        whole.tokens(),
                        whole.kept().stream().mapToLong(Kept::tokens).sum());
                assertEquals(whole.size(), Set.copyOf(whole.ids()).size());
                assertFalse(whole.ids().stream().anyMatch(out::contains));
            }
        }
    }

    private static Kept random(Random random, int number) {
        ExampleRef example = new ExampleRef(
                "e" + number,
                1 + random.nextInt(100),
                ExampleUse.TRAIN,
                true,
                Optional.of("p" + random.nextInt(12)),
                Optional.of("a" + random.nextInt(4)),
                Optional.of("s" + random.nextInt(3)));
        Measurement measurement = new Measurement(
                example.id(),
                1 + random.nextInt(40),
                Optional.of(random.nextDouble()),
                random.nextBoolean() ? Optional.of(random.nextInt(20)) : Optional.empty());
        return new Kept(
                example, number, number / 10, random.nextInt(4) == 0 ? Optional.empty() : Optional.of(measurement));
    }

    /** How often each text came, over all seeds. */
    private static Map<String, Integer> counted(Function<Long, List<String>> texts) {
        Map<String, Integer> counts = new TreeMap<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            texts.apply(Mixing.mix(seed)).forEach(text -> counts.merge(text, 1, Integer::sum));
        }
        return counts;
    }

    private static void assertShare(double share, Map<String, Integer> counts, String text) {
        double fiveStandardDeviations = 5 * Math.sqrt(SEEDS * share * (1 - share));
        assertEquals(share * SEEDS, counts.getOrDefault(text, 0), fiveStandardDeviations, () -> text + " of " + counts);
    }

    private static ReplayBuffer offered(ReplayBuffer buffer, List<Kept> examples) {
        ReplayBuffer next = buffer;
        for (Kept example : examples) {
            next = next.offer(example);
        }
        return next;
    }

    private static ReplayBuffer reservoir(long seed, int capacity) {
        return ReplayBuffer.empty(seed, policy(ReplayStrategy.RESERVOIR, capacity, Optional.empty()));
    }

    private static DomainPolicy.Replay policy(ReplayStrategy strategy, int capacity, Optional<Integer> tokens) {
        return new DomainPolicy.Replay(capacity, 0.2, 0.2, 0, strategy, ReplaySampling.PROPORTIONAL, tokens);
    }

    /** Of 25 tokens each. */
    private static List<Kept> numbered(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> sized("" + number, 25))
                .toList();
    }

    private static Kept sized(String id, int tokens) {
        return new Kept(new ExampleRef(id, 4 * tokens, ExampleUse.TRAIN, true), 0, 1, Optional.empty());
    }

    /** An example for each letter, which is its answer and its source, and with its place its id. */
    private static List<Kept> labelled(String letters) {
        return IntStream.range(0, letters.length())
                .mapToObj(place -> {
                    String letter = letters.substring(place, place + 1);
                    return new Kept(
                            new ExampleRef(
                                    letter + place,
                                    10,
                                    ExampleUse.TRAIN,
                                    true,
                                    Optional.of("p" + place),
                                    Optional.of(letter),
                                    Optional.of(letter)),
                            place,
                            1,
                            Optional.empty());
                })
                .collect(Collectors.toList());
    }

    private static Kept lost(String id, double loss) {
        return measured(id, 1, Optional.of(loss), Optional.empty());
    }

    private static Kept measured(String id, int update, Optional<Double> loss, Optional<Integer> rank) {
        return new Kept(
                new ExampleRef(id, 10, ExampleUse.TRAIN, true),
                0,
                update,
                Optional.of(new Measurement(id, 3, loss, rank)));
    }
}
