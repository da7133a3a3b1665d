package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.ContinualPlan;
import dev.perennial.learning.continual.ContinualUpdate;
import dev.perennial.learning.continual.ContinualUpdate.Learned;
import dev.perennial.learning.continual.ExperienceReplay;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.learning.continual.SelfDistillation;
import dev.perennial.learning.continual.StackedLora;
import dev.perennial.learning.continual.UpdateSet;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method by its name, over two updates on a tiny base. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MethodPlansTest {
    private static final int RANK = 4;

    private BaseModel base;
    private UpdateSet first;
    private UpdateSet second;

    @BeforeAll
    void open() {
        base = BaseModel.open(Path.of("src/test/resources/reference/untied"));
        SplittableRandom random = new SplittableRandom(5);
        List<Item> general = items("general", 8, random);
        first = new UpdateSet(items("first", 12, random), List.of(), general);
        second = new UpdateSet(items("second", 12, random), first.fresh(), general);
    }

    @AfterAll
    void close() {
        base.close();
    }

    private static List<Item> items(String name, int count, SplittableRandom random) {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = random.ints(8, 10, 260).toArray();
            ids[0] = 1;
            items.add(new Item(name + i, new Sequence(ids, 5, true)));
        }
        return items;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lora",
                "lora+replay",
                "lora+replay+ewc+gap",
                "lora+replay+neighbours",
                "lora+buffer",
                "lora+general+distillation",
                "lora+ewc",
                "lora+gap",
                "stacked",
                "stacked+replay",
                "o-lora",
                "o-lora+buffer",
                "base",
                "joint",
                "joint+general",
                "routed+ewc"
            })
    void theSameSeedGivesTheSameBytes(String method) {
        List<Result> once = updates(method, 1);
        assertEquals(once, updates(method, 1));
        assertNotEquals(once, updates(method, 2));
        assertTrue(once.stream()
                .allMatch(result ->
                        result.adapter().values().stream().flatMap(List::stream).allMatch(Float::isFinite)));
    }

    @Test
    void aStackedUpdateLeavesTheParentBitForBit() {
        for (String method : List.of("stacked", "o-lora")) {
            List<Result> results = updates(method, 1);
            Result parent = results.get(0);
            Result child = results.get(1);
            parent.adapter().forEach((name, values) -> {
                List<Float> stacked = child.adapter().getOrDefault(name, List.of());
                assertEquals(2 * values.size(), stacked.size(), name);
                boolean down = name.contains("lora_A");
                List<Float> held = new ArrayList<>();
                List<Float> fresh = new ArrayList<>();
                for (int i = 0; i < stacked.size(); i++) {
                    // rows of A come one after the other, columns of B side by side
                    boolean below = down ? i < values.size() : i % (2 * RANK) < RANK;
                    (below ? held : fresh).add(stacked.get(i));
                }
                assertEquals(values, held, name);
                assertTrue(fresh.stream().anyMatch(value -> value != 0), name);
            });
        }
    }

    @Test
    void theLowerBoundDoesNotKnowItsParent() {
        List<Result> results = updates("base", 1);
        try (Learning alone = new Learning(plan("base"), Optional.empty(), Optional.empty(), second, 1)) {
            assertEquals(results.get(1), alone.result());
        }
    }

    @Test
    void theUpperBoundLearnsWhatCameBefore() {
        try (Learning joint = new Learning(plan("joint"), Optional.empty(), Optional.empty(), second, 1)) {
            assertEquals(24, joint.learned.counts().fresh());
            assertEquals(0, joint.learned.counts().replayed());
        }
    }

    @Test
    void onlyTheElasticLeaveAFisher() {
        try (Learning elastic = new Learning(plan("lora+ewc"), Optional.empty(), Optional.empty(), first, 1);
                Learning other = new Learning(plan("lora"), Optional.empty(), Optional.empty(), first, 1)) {
            assertEquals(1, elastic.learned.fisher().orElseThrow().values().mean(), 1e-5);
            assertFalse(other.learned.fisher().isPresent());
        }
    }

    /** The nearer to the parent, the more strongly it is held. */
    @Test
    void anElasticUpdateStaysNearItsParent() {
        double free = moved("lora+ewc", 0);
        double held = moved("lora+ewc", 1_000);
        assertTrue(held < 0.75 * free, held + " held, " + free + " free");
    }

    private double moved(String method, double lambda) {
        DomainPolicy policy = policy(new DomainPolicy.Ewc(lambda, 0.9, 16));
        ContinualPlan plan = MethodPlans.plan(LearningMethod.parse(method), policy);
        try (Learning one = new Learning(plan, Optional.empty(), Optional.empty(), first, 1);
                Learning two =
                        new Learning(plan, Optional.of(one.learned.adapter()), one.learned.fisher(), second, 1)) {
            double squares = 0;
            for (Map.Entry<String, List<Float>> each : one.result().adapter().entrySet()) {
                List<Float> after = two.result().adapter().getOrDefault(each.getKey(), List.of());
                for (int i = 0; i < after.size(); i++) {
                    squares += Math.pow(after.get(i) - each.getValue().get(i), 2);
                }
            }
            return Math.sqrt(squares);
        }
    }

    /** As where an ancestor's adapter was narrower. */
    @Test
    void aFisherOfAnotherShapeIsLeftOut() {
        try (Adapter narrow = Adapter.fresh(base, new LoraSettings(1, 1, 0, List.of("q_proj")), 1);
                Learning one = new Learning(plan("lora"), Optional.empty(), Optional.empty(), first, 1)) {
            Fisher other = new Fisher(ParameterValues.of(base, narrow).map(value -> 1));
            try (Learning without = new Learning(
                            plan("lora+ewc"), Optional.of(one.learned.adapter()), Optional.empty(), second, 1);
                    Learning with = new Learning(
                            plan("lora+ewc"), Optional.of(one.learned.adapter()), Optional.of(other), second, 1)) {
                assertEquals(without.result(), with.result());
                assertTrue(with.learned.fisher().isPresent());
            }
        }
    }

    /** Where general items are replayed, what the base needs for them is held before there is a parent. */
    @Test
    void theFirstUpdateIsHeldByWhatTheBaseNeeds() {
        double held = first("lora+general+ewc", 1_000);
        double free = first("lora+general+ewc", 0);
        assertTrue(held < 0.75 * free, held + " held, " + free + " free");
        assertEquals(first("lora+ewc", 0), first("lora+ewc", 1_000));
    }

    /** Length of B after the first update, which begins at zero. */
    private double first(String method, double lambda) {
        DomainPolicy policy = policy(new DomainPolicy.Ewc(lambda, 0.9, 16));
        ContinualPlan plan = MethodPlans.plan(LearningMethod.parse(method), policy);
        try (Learning one = new Learning(plan, Optional.empty(), Optional.empty(), first, 1)) {
            return Math.sqrt(one.result().adapter().entrySet().stream()
                    .filter(each -> each.getKey().contains("lora_B"))
                    .flatMap(each -> each.getValue().stream())
                    .mapToDouble(value -> value * value)
                    .sum());
        }
    }

    @Test
    void partsHaveThePolicysNumbers() {
        DomainPolicy policy = policy(new DomainPolicy.Ewc(3, 0.5, 7));
        ContinualPlan plan = MethodPlans.plan(LearningMethod.parse("lora+replay+ewc"), policy);
        assertEquals(
                new ExperienceReplay(policy.replay().share(), policy.replay().generalShare(), 0), plan.replay());
        assertEquals(new SelfDistillation(2, 5), plan.distillation());
        assertEquals(0.25, plan.training().beta());
        assertEquals(Optional.of(new ContinualPlan.Elastic(3, 0.5, 7)), plan.elastic());
        assertEquals(ContinualPlan.Selection.UNKNOWN, plan.selection());
        assertEquals(
                policy.replay().neighbours(),
                MethodPlans.plan(LearningMethod.parse("lora+neighbours"), policy)
                        .replay()
                        .neighbourShare());
        ContinualPlan bare = MethodPlans.plan(LearningMethod.parse("o-lora"), policy);
        assertEquals(ExperienceReplay.NONE, bare.replay());
        assertEquals(SelfDistillation.NONE, bare.distillation());
        assertEquals(new StackedLora(), bare.beginning());
        assertEquals(0.5, bare.orthogonality());
        assertEquals(Optional.empty(), bare.elastic());
        assertArrayEquals(
                new int[] {RANK, 4},
                new int[] {bare.training().lora().rank(), bare.training().batchSize()});
    }

    /** Comparable to the last bit. */
    private record Result(Map<String, List<Float>> adapter, String dataDigest, ContinualUpdate.Counts counts) {}

    private final class Learning implements AutoCloseable {
        private final Learned learned;

        Learning(ContinualPlan plan, Optional<Adapter> parent, Optional<Fisher> fisher, UpdateSet data, long seed) {
            learned = new ContinualUpdate(base, plan).run(parent, fisher, data, seed, now -> {}, () -> false);
        }

        Result result() {
            Map<String, List<Float>> values = new java.util.TreeMap<>();
            ParameterValues.of(base, learned.adapter()).values().forEach((name, each) -> {
                List<Float> list = new ArrayList<>();
                for (float value : each) {
                    list.add(value);
                }
                values.put(name, list);
            });
            return new Result(values, learned.dataDigest(), learned.counts());
        }

        @Override
        public void close() {
            learned.adapter().close();
        }
    }

    private List<Result> updates(String method, long seed) {
        ContinualPlan plan = plan(method);
        try (Learning one = new Learning(plan, Optional.empty(), Optional.empty(), first, seed);
                Learning two =
                        new Learning(plan, Optional.of(one.learned.adapter()), one.learned.fisher(), second, seed)) {
            return List.of(one.result(), two.result());
        }
    }

    private static ContinualPlan plan(String method) {
        return MethodPlans.plan(LearningMethod.parse(method), policy(new DomainPolicy.Ewc(1, 0.9, 16)));
    }

    private static DomainPolicy policy(DomainPolicy.Ewc ewc) {
        DomainPolicy usual = DomainPolicy.DEFAULT;
        return new DomainPolicy(
                new DomainPolicy.Training(RANK, 8, 0.1, List.of("all-linear"), 1e-2, 2, 6, 4, 0.2, Optional.of(0.25)),
                usual.gate(),
                usual.replay(),
                ewc,
                usual.method());
    }
}
