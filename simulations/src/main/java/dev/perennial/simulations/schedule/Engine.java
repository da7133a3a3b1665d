package dev.perennial.simulations.schedule;

import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateSignals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;

/**
 * One policy in one world, event by event. An update learns all examples that wait when it begins, closes the share 1 -
 * exp(-n / 60) of the gap of then, and takes 20 minutes and a second for each 40 tokens, but for chance. GPUs die after 500
 * hours of work in the mean and are back an hour later; an update that was on it begins anew. What stops for a more urgent
 * update does so at a checkpoint, of which there is one every ten minutes, and goes on from there.
 */
final class Engine {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final double ENOUGH_EXAMPLES = 60;
    private static final double LONGEST_GATHERING = 72;
    private static final double LOOK_AGAIN = 24;
    private static final double EXAMPLES_TO_LEARN = 60;
    private static final double FIXED_SECONDS = 1200;
    private static final double TOKENS_A_SECOND = 40;
    private static final int EPOCHS = 20;
    private static final int MOST_EXAMPLES = 2_000;
    private static final double HOURS_BETWEEN_FAILURES = 500;
    private static final double REPAIR = 1;
    private static final double CHECKPOINT = 1 / 6.0;
    private static final double SAMPLING = 6;
    private static final double SECONDS = 3600;

    private enum End {
        LEARNED,
        REJECTED,
        DIED,
        YIELDED
    }

    /** A request until it is over. */
    private static final class Update {
        final int domain;
        final UpdateRequest request;
        double seconds;
        double taken;
        double takenSince;
        double gap;
        boolean begun;

        Update(int domain, UpdateRequest request) {
            this.domain = domain;
            this.request = request;
        }
    }

    private record Run(long id, Update update, double began, End end) {}

    private final World world;
    private final Policy policy;
    private final Demand demand;
    private final Outcome outcome;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<Integer> idle = new ArrayDeque<>();
    private final String[] gpus;
    private final Run[] runs;
    private final Map<UpdateId, Update> open = new HashMap<>();
    private final Map<UpdateId, Integer> gpuOf = new HashMap<>();
    private final Update[] openOf;
    private final int[] numbers;
    private final double[] measuredGap;
    private final double[] measuredRisk;
    private long order;
    private long runCount;
    private double now;

    Engine(World world, Policy policy) {
        this.world = world;
        this.policy = policy;
        demand = new Demand(world);
        outcome = new Outcome(world.scale);
        int n = world.scale.domains();
        openOf = new Update[n];
        numbers = new int[n];
        measuredGap = new double[n];
        measuredRisk = new double[n];
        gpus = new String[world.scale.gpus()];
        runs = new Run[gpus.length];
        for (int i = 0; i < gpus.length; i++) {
            gpus[i] = "gpu" + i;
            idle.add(i);
        }
        SplittableRandom random = new SplittableRandom(world.seed);
        for (int i = 0; i < n; i++) {
            measuredGap[i] = Double.NaN;
            add(LONGEST_GATHERING * random.nextDouble(), Event.Kind.LOOK, i, 0);
            for (double burst : world.bursts[i]) {
                add(burst, Event.Kind.BURST, i, 0);
            }
        }
        add(SAMPLING, Event.Kind.SAMPLE, 0, 0);
    }

    /** @param progress told of the virtual hour now and then */
    Outcome run(DoubleConsumer progress) {
        moment();
        for (Event event = events.poll(); event != null && event.at() < world.scale.hours(); event = events.poll()) {
            now = event.at();
            switch (event.kind()) {
                case LOOK -> look(event.subject());
                case BURST -> burst(event.subject());
                case END -> end(event.subject(), event.run());
                case REPAIRED -> idle.addLast(event.subject());
                case SAMPLE -> sample(progress);
            }
            dispatch();
        }
        close();
        return outcome;
    }

    private void add(double at, Event.Kind kind, int subject, long run) {
        events.add(new Event(at, order++, kind, subject, run));
    }

    /** Whether the domain asks for an update: it has enough examples, or has had some for long enough. */
    private void look(int domain) {
        demand.advance(domain, now);
        if (openOf[domain] != null) {
            return;
        }
        boolean enough = demand.waiting[domain] >= ENOUGH_EXAMPLES;
        boolean old = now - demand.oldest[domain] >= LONGEST_GATHERING;
        if (enough || old) {
            request(domain);
            return;
        }
        double untilEnough = (ENOUGH_EXAMPLES - demand.waiting[domain]) / demand.examplesAnHour(domain);
        double untilOld = Double.isNaN(demand.oldest[domain])
                ? LONGEST_GATHERING
                : demand.oldest[domain] + LONGEST_GATHERING - now;
        add(now + Math.max(0.25, Math.min(untilEnough, untilOld)), Event.Kind.LOOK, domain, 0);
    }

    private void burst(int domain) {
        demand.burst(domain, now);
        Update waiting = openOf[domain];
        if (waiting == null) {
            look(domain);
        } else if (!gpuOf.containsKey(waiting.request.id())) {
            UpdateRequest old = waiting.request;
            policy.request(merged(domain, old), seconds(domain), instant(now));
        }
    }

    private UpdateRequest merged(int domain, UpdateRequest old) {
        return new UpdateRequest(
                old.id(),
                old.kind(),
                old.importance(),
                old.deadline(),
                old.method(),
                examples(domain),
                old.requestedAt(),
                old.tenant(),
                old.conflictGroups(),
                signals(domain));
    }

    private void request(int domain) {
        int number = ++numbers[domain];
        SplittableRandom random = world.ofUpdate(domain, number);
        double urgency = random.nextDouble();
        UpdateKind kind = urgency < 0.02 ? UpdateKind.FIX : urgency < 0.2 ? UpdateKind.TASK : UpdateKind.KNOWLEDGE;
        Optional<Instant> deadline = random.nextDouble() < 0.05
                ? Optional.of(instant(now + 6 + 42 * random.nextDouble()))
                : Optional.empty();
        UpdateRequest request = new UpdateRequest(
                new UpdateId(world.ids[domain], number),
                kind,
                world.importance[domain],
                deadline,
                Optional.empty(),
                examples(domain),
                instant(now),
                world.tenant[domain],
                world.groups.get(domain),
                signals(domain));
        Update update = new Update(domain, request);
        open.put(request.id(), update);
        openOf[domain] = update;
        outcome.requestedBy(world.tenant[domain]);
        outcome.deadlines += deadline.isPresent() ? 1 : 0;
        policy.request(request, seconds(domain), instant(now));
        if (kind == UpdateKind.FIX && idle.isEmpty()) {
            policy.preempt(instant(now)).forEach(this::stopAtCheckpoint);
        }
    }

    private int examples(int domain) {
        return (int) Math.min(MOST_EXAMPLES, Math.max(1, demand.waiting[domain]));
    }

    /** What an update of all that waits takes, but for chance. */
    private double seconds(int domain) {
        return FIXED_SECONDS + examples(domain) * world.tokensAnExample[domain] * EPOCHS / TOKENS_A_SECOND;
    }

    /** As a domain would measure them; nothing that only the simulation knows. */
    private UpdateSignals signals(int domain) {
        return new UpdateSignals(
                24 * demand.examplesAnHour(domain),
                24 * demand.usual[domain],
                24 * world.completionsAnHour[domain],
                Double.isNaN(measuredGap[domain]) ? Optional.empty() : Optional.of(measuredGap[domain]),
                Optional.of(instant(Double.isNaN(demand.oldest[domain]) ? now : demand.oldest[domain])),
                measuredRisk[domain],
                EPOCHS * (1 + examples(domain) / 48),
                (long) (examples(domain) * world.tokensAnExample[domain] * EPOCHS),
                Optional.of("base"));
    }

    private void dispatch() {
        while (!idle.isEmpty()) {
            int gpu = idle.peekFirst();
            Optional<UpdateId> chosen = policy.next(gpus[gpu], instant(now));
            if (chosen.isEmpty()) {
                return;
            }
            idle.removeFirst();
            begin(gpu, update(chosen.get()));
        }
    }

    private void begin(int gpu, Update update) {
        int domain = update.domain;
        SplittableRandom random =
                world.ofUpdate(domain, update.request.id().number()).split();
        if (!update.begun) {
            demand.advance(domain, now);
            update.begun = true;
            update.seconds = seconds(domain) * World.logNormal(random, 0.2);
            update.takenSince = demand.oldest[domain];
            update.gap = demand.gap[domain];
            update.taken = demand.take(domain, MOST_EXAMPLES, now);
            outcome.waited(hours(update.request.requestedAt(), now));
        }
        SplittableRandom chance = new SplittableRandom(world.seed + 7919 * ++runCount);
        double failure = World.exponential(chance, HOURS_BETWEEN_FAILURES);
        double length = update.seconds / SECONDS;
        boolean dies = failure < length;
        End end = dies ? End.DIED : random.nextDouble() < world.risk[domain] ? End.REJECTED : End.LEARNED;
        runs[gpu] = new Run(runCount, update, now, end);
        gpuOf.put(update.request.id(), gpu);
        add(now + (dies ? failure : length), Event.Kind.END, gpu, runCount);
    }

    private void stopAtCheckpoint(UpdateId id) {
        int gpu = Optional.ofNullable(gpuOf.get(id)).orElseThrow();
        Run old = runs[gpu];
        double worked = Math.ceil((now - old.began()) / CHECKPOINT + 1e-9) * CHECKPOINT;
        if (old.end() != End.DIED && worked * SECONDS < old.update().seconds) {
            runs[gpu] = new Run(++runCount, old.update(), old.began(), End.YIELDED);
            add(old.began() + worked, Event.Kind.END, gpu, runCount);
        }
    }

    private void end(int gpu, long id) {
        Run run = runs[gpu];
        if (run == null || run.id() != id) {
            return;
        }
        runs[gpu] = null;
        Update update = run.update();
        gpuOf.remove(update.request.id());
        outcome.gpuHours += now - run.began();
        if (run.end() == End.DIED) {
            outcome.failures++;
            add(now + REPAIR, Event.Kind.REPAIRED, gpu, 0);
            if (policy.failed(update.request.id(), gpus[gpu], instant(now))) {
                outcome.dropped++;
                over(update, false);
            }
            return;
        }
        idle.addLast(gpu);
        if (run.end() == End.YIELDED) {
            outcome.preemptions++;
            update.seconds -= (now - run.began()) * SECONDS;
            policy.yielded(update.request.id(), gpus[gpu], instant(now));
            return;
        }
        policy.finished(update.request.id(), gpus[gpu], instant(now));
        over(update, run.end() == End.LEARNED);
        outcome.learned += run.end() == End.LEARNED ? 1 : 0;
        outcome.rejected += run.end() == End.REJECTED ? 1 : 0;
    }

    private void over(Update update, boolean learned) {
        int domain = update.domain;
        demand.advance(domain, now);
        open.remove(update.request.id());
        openOf[domain] = null;
        outcome.servedTo(world.tenant[domain]);
        update.request.deadline().ifPresent(deadline -> {
            outcome.missedDeadlines += instant(now).isAfter(deadline) ? 1 : 0;
        });
        measuredRisk[domain] = 0.8 * measuredRisk[domain] + (learned ? 0 : 0.2);
        measuredGap[domain] = update.gap;
        if (!learned) {
            demand.giveBack(domain, update.taken, update.takenSince);
            add(now + LOOK_AGAIN, Event.Kind.LOOK, domain, 0);
            return;
        }
        double closed = Math.min(demand.gap[domain], update.gap * (1 - Math.exp(-update.taken / EXAMPLES_TO_LEARN)));
        demand.gap[domain] -= closed;
        // Without it the gap would have drifted less, as it would have been larger: the difference fades with the
        // drift.
        double drift = world.drift[domain];
        double lasting = (1 - Math.exp(-drift * (world.scale.hours() - now))) / drift;
        outcome.answers += world.completionsAnHour[domain] * closed * lasting;
        look(domain);
    }

    private void sample(DoubleConsumer progress) {
        for (int domain = 0; domain < openOf.length; domain++) {
            demand.advance(domain, now);
            Update update = openOf[domain];
            double since = update != null && update.begun ? update.takenSince : demand.oldest[domain];
            if (!Double.isNaN(since)) {
                outcome.stale(now - since);
            }
        }
        moment();
        progress.accept(now);
        add(now + SAMPLING, Event.Kind.SAMPLE, 0, 0);
    }

    private void moment() {
        outcome.passed(now, open.size() - gpuOf.size());
    }

    private void close() {
        now = world.scale.hours();
        moment();
        for (Run run : runs) {
            if (run != null) {
                outcome.gpuHours += now - run.began();
                outcome.running++;
            }
        }
        for (Update update : open.values()) {
            if (!gpuOf.containsKey(update.request.id())) {
                outcome.waiting++;
            }
            if (!update.begun) {
                outcome.waited(hours(update.request.requestedAt(), now));
            }
            boolean missed =
                    update.request.deadline().filter(instant(now)::isAfter).isPresent();
            outcome.missedDeadlines += missed ? 1 : 0;
        }
    }

    private Update update(UpdateId id) {
        Update update = open.get(id);
        if (update == null || gpuOf.containsKey(id)) {
            throw new AssertionError(policy.name() + " chose what does not wait: " + id);
        }
        return update;
    }

    private static Instant instant(double hours) {
        return START.plusMillis((long) (hours * SECONDS * 1000));
    }

    private static double hours(Instant from, double to) {
        return Duration.between(from, instant(to)).toMillis() / 1000.0 / SECONDS;
    }
}
