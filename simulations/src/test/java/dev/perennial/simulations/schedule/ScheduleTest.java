package dev.perennial.simulations.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import dev.perennial.simulations.schedule.Outcome.Moment;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ScheduleTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Scale SMALL = new Scale(200, 3, 8, 4);
    private static final List<Supplier<Policy>> POLICIES = List.of(
            DefaultPolicy::new,
            OrderedPolicy::firstComeFirstServed,
            OrderedPolicy::roundRobin,
            OrderedPolicy::shortestFirst,
            OrderedPolicy::earliestDeadlineFirst);

    @Test
    void losesNoRequestUnderAnyPolicy() {
        for (Supplier<Policy> policy : POLICIES) {
            Outcome outcome = run(policy.get(), 5);
            assertEquals(List.of(), outcome.broken(), policy.get().name());
            assertTrue(
                    outcome.learned > 50 && outcome.failures > 0, policy.get().name());
            assertTrue(outcome.gpuHours <= SMALL.hours() * SMALL.gpus());
        }
    }

    @Test
    void isTheSameForTheSameSeedAndAnotherForAnother() {
        Outcome one = run(new DefaultPolicy(), 5);
        Outcome again = run(new DefaultPolicy(), 5);
        Outcome other = run(new DefaultPolicy(), 6);
        assertEquals(one.answers, again.answers);
        assertEquals(one.gpuHours, again.gpuHours);
        assertTrue(one.answers != other.answers);
    }

    @Test
    void stopsRunningUpdatesForUrgentOnesUnderTheDefaultPolicyAlone() {
        assertTrue(run(new DefaultPolicy(), 5).preemptions > 0);
        assertEquals(0, run(OrderedPolicy.firstComeFirstServed(), 5).preemptions);
    }

    @Test
    void servesInTheOrderThatEachPolicyPromises() {
        assertEquals(List.of(1, 2, 3, 4), served(OrderedPolicy.firstComeFirstServed()));
        assertEquals(List.of(1, 4, 2, 3), served(OrderedPolicy.roundRobin()), "tenants a and b in turn");
        assertEquals(List.of(3, 1, 2, 4), served(OrderedPolicy.shortestFirst()));
        assertEquals(List.of(4, 2, 1, 3), served(OrderedPolicy.earliestDeadlineFirst()));
    }

    @Test
    void passesOverWhatConflictsWithARunningUpdate() {
        Policy policy = OrderedPolicy.firstComeFirstServed();
        policy.request(request(1, "a", Optional.empty(), List.of("g")), 1, NOW);
        policy.request(request(2, "a", Optional.empty(), List.of("g")), 1, NOW);
        policy.request(request(3, "a", Optional.empty(), List.of()), 1, NOW);
        assertEquals(Optional.of(id(1)), policy.next("gpu0", NOW));
        assertEquals(Optional.of(id(3)), policy.next("gpu1", NOW));
        assertEquals(Optional.empty(), policy.next("gpu2", NOW));
        policy.finished(id(1), "gpu0", NOW);
        assertEquals(Optional.of(id(2)), policy.next("gpu0", NOW));
    }

    @Test
    void givesAnUpdateUpAfterThreeFailures() {
        for (Supplier<Policy> each : POLICIES) {
            Policy policy = each.get();
            policy.request(request(1, "a", Optional.empty(), List.of()), 1, NOW);
            for (int attempt = 1; attempt <= 3; attempt++) {
                Instant later = NOW.plus(Duration.ofHours(attempt));
                assertEquals(Optional.of(id(1)), policy.next("gpu0", later), policy.name());
                assertEquals(attempt == 3, policy.failed(id(1), "gpu0", later), policy.name());
            }
            assertEquals(Optional.empty(), policy.next("gpu0", NOW.plus(Duration.ofDays(1))));
        }
    }

    @Test
    void drawsTheBusiestDomainTwiceAsBusyAsTheNext() {
        World world = new World(SMALL, 1);
        assertEquals(2 * world.completionsAnHour[1], world.completionsAnHour[0], 1e-9);
    }

    @Test
    void namesFairnessAndStalenessAsTheyAreDefined() {
        Outcome outcome = new Outcome(SMALL);
        outcome.requestedBy("a");
        outcome.requestedBy("b");
        outcome.servedTo("a");
        assertEquals(0.5, outcome.fairness(), "one of two tenants has all");
        for (int hour = 0; hour < 100; hour++) {
            outcome.stale(hour);
        }
        assertEquals(49.5, outcome.stalenessQuantile(0.5));
        assertEquals(98.5, outcome.stalenessQuantile(0.99));
        assertEquals(0, outcome.shareStaleForLess(0));
        assertEquals(0.5, outcome.shareStaleForLess(50));
        assertEquals(1, outcome.shareStaleForLess(99.5));
    }

    @Test
    void keepsTheCourseOfARunFromItsBeginningToItsEnd() {
        Outcome outcome = run(new DefaultPolicy(), 5);
        List<Moment> moments = outcome.moments();
        assertEquals(8 * 4 + 1, moments.size(), "eight days, each six hours");
        assertEquals(new Moment(0, 0, 0), moments.get(0));
        assertEquals(new Moment(SMALL.hours(), outcome.answers, outcome.waiting), moments.get(32));
        assertTrue(moments.stream().anyMatch(each -> each.queued() > 0));
        for (int i = 1; i < moments.size(); i++) {
            assertEquals(6 * i, moments.get(i).hour());
            assertTrue(moments.get(i).answers() >= moments.get(i - 1).answers());
        }
    }

    @Test
    void keepsNoMoreOfALongRun() {
        Scale years = new Scale(1, 1, 3_650, 1);
        Outcome outcome = new Outcome(years);
        for (double hour = 0; hour <= years.hours(); hour += 6) {
            outcome.passed(hour, 1);
        }
        assertEquals(Outcome.MOST_MOMENTS + 1, outcome.moments().size());
        assertEquals(new Moment(years.hours(), 0, 1), outcome.moments().get(Outcome.MOST_MOMENTS));
    }

    @Test
    void writesTheReportInItsContractsShape(@TempDir Path folder) throws IOException {
        Path report = folder.resolve("schedule.json");
        StringWriter out = new StringWriter();
        int code = new CommandLine(new Schedule())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(
                        "--domains=100",
                        "--gpus=2",
                        "--days=5",
                        "--tenants=2",
                        "--seeds=2",
                        "--variant=impact=3",
                        "--report=" + report);
        assertEquals(0, code);
        JsonNode policies = new ObjectMapper().readTree(report.toFile()).get("policies");
        assertEquals(6, policies.size());
        List<String> fields = new ArrayList<>();
        policies.get(0).fieldNames().forEachRemaining(fields::add);
        assertEquals(
                List.of(
                        "name",
                        "default",
                        "quality_per_gpu_hour",
                        "staleness_hours",
                        "starved",
                        "deadline_misses",
                        "fairness"),
                fields);
        assertTrue(policies.get(0).get("default").asBoolean());
        assertTrue(out.toString().contains("perennial *"), out::toString);
        String page = Files.readString(folder.resolve("schedule.html"));
        assertTrue(page.contains("<svg") && !page.contains("http"), "needs nothing from elsewhere");
    }

    private static Outcome run(Policy policy, long seed) {
        return new Engine(new World(SMALL, seed), policy).run(hour -> {});
    }

    /** Requests 1 to 3 of tenant a and 4 of tenant b, with other costs and deadlines each. */
    private static List<Integer> served(Policy policy) {
        policy.request(request(1, "a", Optional.of(NOW.plusSeconds(300)), List.of()), 20, NOW);
        policy.request(request(2, "a", Optional.of(NOW.plusSeconds(200)), List.of()), 30, NOW);
        policy.request(request(3, "a", Optional.empty(), List.of()), 10, NOW);
        policy.request(request(4, "b", Optional.of(NOW.plusSeconds(100)), List.of()), 40, NOW);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            UpdateId next = policy.next("gpu0", NOW).orElseThrow();
            order.add(Integer.parseInt(next.domain().value().substring(1)));
            policy.finished(next, "gpu0", NOW);
        }
        return order;
    }

    private static UpdateId id(int number) {
        return new UpdateId(new DomainId("d" + number), 1);
    }

    private static UpdateRequest request(int number, String tenant, Optional<Instant> deadline, List<String> groups) {
        return new UpdateRequest(
                id(number),
                UpdateKind.KNOWLEDGE,
                0.5,
                deadline,
                Optional.empty(),
                10,
                NOW.plusSeconds(number),
                tenant,
                groups,
                UpdateSignals.NONE);
    }
}
