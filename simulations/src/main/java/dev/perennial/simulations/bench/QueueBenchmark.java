package dev.perennial.simulations.bench;

import dev.perennial.domain.Placement;
import dev.perennial.domain.SchedulerDecisions;
import dev.perennial.domain.SchedulerSettings;
import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The scheduler's queue at its full length, by JMH. States share structure, so that the full queue is there again at once when
 * {@value #OTHERS} operations have changed it. Beside operations by the clock it tells how many there were in how much time of
 * the thread on the processor, which other work on the machine changes less.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 6, time = 5)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"})
public class QueueBenchmark {
    private static final int OTHERS = 200_000;
    private static final List<Placement.Trainer> IDLE = Placement.unknown("trainer");

    /** That wait. */
    @Param("1000000")
    public int requests;

    private final List<UpdateRequest> others = new ArrayList<>();
    private SchedulerState full = SchedulerState.EMPTY;
    private SchedulerState state = SchedulerState.EMPTY;
    private Instant now = Instant.EPOCH;
    private int done;

    @Setup(Level.Trial)
    public void fill() {
        QueueRequests drawn = new QueueRequests(1);
        for (int i = 0; i < requests; i++) {
            UpdateRequest request = drawn.next();
            full = full.applyAll(SchedulerDecisions.enqueue(full, request, request.requestedAt()));
        }
        for (int i = 0; i < OTHERS; i++) {
            others.add(drawn.next());
        }
        now = others.get(0).requestedAt();
    }

    @Setup(Level.Iteration)
    public void begin() {
        state = full;
        done = 0;
    }

    /** What an iteration took of the processor. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Processor {
        public long operations;
        public long milliseconds;
        private long begun;

        @Setup(Level.Iteration)
        public void begin() {
            begun = nanos();
        }

        @TearDown(Level.Iteration)
        public void end() {
            milliseconds = (nanos() - begun) / 1_000_000;
        }

        private static long nanos() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }

    /** One more request. */
    @Benchmark
    public SchedulerState enqueue(Processor processor) {
        processor.operations++;
        UpdateRequest request = others.get(turn());
        state = state.applyAll(SchedulerDecisions.enqueue(state, request, request.requestedAt()));
        return state;
    }

    /** The best request is granted to a trainer, and taken out when it is done. */
    @Benchmark
    public SchedulerState pick(Processor processor) {
        processor.operations++;
        turn();
        state = state.applyAll(SchedulerDecisions.grant(state, SchedulerSettings.DEFAULT, IDLE, now));
        UpdateId update = state.leaseOf("trainer").orElseThrow().update();
        state = state.applyAll(SchedulerDecisions.remove(state, update, "done", now));
        return state;
    }

    private int turn() {
        if (done == OTHERS) {
            begin();
        }
        return done++;
    }
}
