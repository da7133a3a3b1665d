package dev.perennial.protocols;

import dev.perennial.protocols.DomainPolicy.Ewc;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Events by the golden file that holds them: of every kind one at least, with every optional part present. */
final class EventSamples {
    private static final Instant AT = Instant.parse("2026-03-04T05:06:07.123456Z");
    private static final DomainId NEWS = new DomainId("news");
    private static final UpdateId UPDATE = new UpdateId(NEWS, 2);
    private static final VersionId PARENT = new VersionId(NEWS, 1);
    private static final VersionId VERSION = new VersionId(NEWS, 2);
    private static final String ARTIFACT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    /** As it was before there were tenants and signals. */
    private static final UpdateRequest BARE_REQUEST = new UpdateRequest(
            UPDATE,
            UpdateKind.FIX,
            0.75,
            Optional.of(Instant.parse("2026-03-05T00:00:00Z")),
            Optional.of("lora+replay"),
            128,
            AT);

    private static final UpdateRequest REQUEST = request(Optional.empty());
    private static final UpdateRequest REQUEST_WITH_MEMORY = request(Optional.of(8L << 30));

    /** Written out, so that a change of the defaults does not touch what is in old journals. */
    private static final DomainPolicy.Training TRAINING =
            new DomainPolicy.Training(16, 32, 0.0, List.of("all-linear"), 2e-3, 12, 400, 32, 0.2);

    private static final DomainPolicy.Gate GATE = new DomainPolicy.Gate(0.1, 0.0, 0.02, 0.02);

    private static final String FISHER = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    private static final Manifest.Origin ORIGIN = origin(Optional.empty());

    private static final Manifest MANIFEST = manifest(Optional.empty());

    private static final Evaluation EVALUATION = new Evaluation(
            new Score(0.125, -2.5, 8, 10),
            new Score(0.875, -0.25, 8, 10),
            new Score(0.75, -0.5, 20, 20),
            new Score(0.75, -0.625, 20, 20),
            new Score(0.5, -1.5, 40, 40),
            new Score(0.5, -1.5, 40, 40));

    private static final GateReport REPORT = new GateReport(
            true, List.of(new GateReport.Check("new", -2.5, -0.25, -2.5, true, "New: it rose from -2.5 to -0.25.")));

    private EventSamples() {}

    private static UpdateRequest request(Optional<Long> memoryBytes) {
        return new UpdateRequest(
                UPDATE,
                UpdateKind.FIX,
                0.75,
                Optional.of(Instant.parse("2026-03-05T00:00:00Z")),
                Optional.of("lora+replay"),
                128,
                AT,
                "acme",
                List.of("medicine"),
                memoryBytes,
                new UpdateSignals(
                        64,
                        32,
                        1000,
                        Optional.of(0.25),
                        Optional.of(AT.minusSeconds(3600)),
                        0.5,
                        54,
                        12_800,
                        Optional.of("ab12")));
    }

    private static Manifest.Origin origin(Optional<String> general) {
        return new Manifest.Origin(
                PARENT,
                Optional.of(ARTIFACT),
                Optional.of(FISHER),
                new DomainPolicy.Replay(
                        2_000, 0.25, 0.25, 2.0, ReplayStrategy.HERDING, ReplaySampling.EQUAL, Optional.of(500_000)),
                new Ewc(0.5, 0.75, 100),
                0.01,
                0.5,
                general);
    }

    private static Manifest manifest(Optional<Manifest.Origin> origin) {
        return new Manifest(
                "ab12",
                "cd34",
                "lora+replay",
                1234567890123L,
                TRAINING,
                Map.of("new", 100, "replayed", 25, "general", 25),
                400,
                51_200,
                0.5,
                12.5,
                origin);
    }

    private static Manifest madeSomewhere() {
        return new Manifest(
                "ab12",
                "cd34",
                "lora+replay+gap",
                1234567890123L,
                TRAINING,
                Map.of("new", 100, "outliers", 1),
                400,
                51_200,
                0.5,
                12.5,
                Optional.of(ORIGIN),
                List.of("00112233445566778899aabbccddeeff"),
                Optional.of(new Manifest.Environment("cpu", 1, "PyTorch 2.7.1", "0.1.0")),
                Optional.empty());
    }

    private static DomainPolicy policy(
            ReplayStrategy strategy, ReplaySampling sampling, Optional<Integer> tokens, Ewc ewc, String method) {
        return new DomainPolicy(
                TRAINING,
                GATE,
                new DomainPolicy.Replay(2_000, 0.25, 0.25, 2.0, strategy, sampling, tokens),
                ewc,
                LearningMethod.parse(method));
    }

    private static DomainEvent created(DomainPolicy policy) {
        return new DomainEvent.DomainCreated(NEWS, "What is new", policy, AT);
    }

    /** As they are written today. */
    static Map<String, DomainEvent> domain() {
        Map<String, DomainEvent> events = new LinkedHashMap<>();
        events.put(
                "domain-created-4",
                created(new DomainPolicy(
                        TRAINING,
                        GATE,
                        new DomainPolicy.Replay(
                                2_000,
                                0.25,
                                0.25,
                                2.0,
                                ReplayStrategy.CLASS_BALANCED,
                                ReplaySampling.EQUAL,
                                Optional.of(500_000)),
                        new Ewc(0.5, 0.75, 100),
                        LearningMethod.parse("lora+replay+ewc"),
                        new DomainPolicy.Scheduling("acme", List.of("medicine"), RequestRule.QUEUE))));
        events.put(
                "domain-created-5",
                created(new DomainPolicy(
                        TRAINING,
                        GATE,
                        new DomainPolicy.Replay(
                                2_000, 0.25, 0.25, 2.0, ReplayStrategy.HERDING, ReplaySampling.EQUAL, Optional.empty()),
                        new Ewc(0.5, 0.75, 100),
                        LearningMethod.parse("lora+replay+ewc"),
                        new DomainPolicy.Scheduling("acme", List.of(), RequestRule.MERGE, Optional.of(8L << 30)))));
        events.put(
                "domain-created-6",
                created(new DomainPolicy(
                        new DomainPolicy.Training(
                                16, 32, 0.0, List.of("all-linear"), 2e-3, 12, 400, 32, 0.2, Optional.of(0.25)),
                        GATE,
                        new DomainPolicy.Replay(
                                2_000,
                                0.25,
                                0.25,
                                2.0,
                                ReplayStrategy.HERDING,
                                ReplaySampling.EQUAL,
                                Optional.empty(),
                                Optional.of(8.0),
                                Optional.empty()),
                        new Ewc(0.5, 0.75, 100),
                        LearningMethod.parse("lora+replay+ewc"),
                        DomainPolicy.Scheduling.DEFAULT)));
        events.put(
                "domain-created-7",
                created(new DomainPolicy(
                        TRAINING,
                        GATE,
                        new DomainPolicy.Replay(
                                2_000,
                                0.25,
                                0.25,
                                2.0,
                                ReplayStrategy.HERDING,
                                ReplaySampling.EQUAL,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(0.125)),
                        new Ewc(0.5, 0.75, 100),
                        LearningMethod.parse("lora+replay+ewc+neighbours"),
                        DomainPolicy.Scheduling.DEFAULT)));
        events.put(
                "examples-accepted",
                new DomainEvent.ExamplesAccepted(
                        List.of(
                                new ExampleRef("00112233445566778899aabbccddeeff", 42, ExampleUse.TRAIN, true),
                                new ExampleRef("ffeeddccbbaa99887766554433221100", 7, ExampleUse.EVALUATE, false)),
                        AT));
        events.put(
                "examples-accepted-2",
                new DomainEvent.ExamplesAccepted(
                        List.of(
                                new ExampleRef(
                                        "00112233445566778899aabbccddeeff",
                                        42,
                                        ExampleUse.TRAIN,
                                        true,
                                        Optional.of("0123456789abcdef"),
                                        Optional.of("fedcba9876543210"),
                                        Optional.of("wiki")),
                                new ExampleRef("ffeeddccbbaa99887766554433221100", 7, ExampleUse.EVALUATE, false)),
                        AT));
        events.put(
                "examples-accepted-3",
                new DomainEvent.ExamplesAccepted(
                        List.of(new ExampleRef(
                                "00112233445566778899aabbccddeeff",
                                42,
                                ExampleUse.TRAIN,
                                true,
                                Optional.of("0123456789abcdef"),
                                Optional.of("fedcba9876543210"),
                                Optional.of("feedback"),
                                Optional.of("ffeeddccbbaa99887766554433221100"))),
                        AT));
        events.put(
                "examples-deleted", new DomainEvent.ExamplesDeleted(List.of("00112233445566778899aabbccddeeff"), AT));
        events.put(
                "deletion-completed",
                new DomainEvent.DeletionCompleted(List.of("00112233445566778899aabbccddeeff"), AT));
        events.put("update-requested-2", new DomainEvent.UpdateRequested(REQUEST, "key-1", 5.5, "priority 5.50", AT));
        events.put("request-merged", new DomainEvent.RequestMerged(UPDATE, "key-2", Optional.empty(), AT));
        events.put("request-merged-2", new DomainEvent.RequestMerged(UPDATE, "key-2", Optional.of(REQUEST), AT));
        events.put("completions-counted", new DomainEvent.CompletionsCounted(1000, AT));
        events.put("update-started", new DomainEvent.UpdateStarted(UPDATE, 7, PARENT, 128, 9007199254740991L, AT));
        events.put("checkpoint-taken", new DomainEvent.CheckpointTaken(UPDATE, new Checkpoint(ARTIFACT, 40, 7), AT));
        events.put("checkpoints-removed", new DomainEvent.CheckpointsRemoved(List.of(ARTIFACT), AT));
        events.put(
                "candidate-trained",
                new DomainEvent.CandidateTrained(UPDATE, VERSION, PARENT, ARTIFACT, MANIFEST, Optional.empty(), AT));
        events.put(
                "candidate-trained-2",
                new DomainEvent.CandidateTrained(
                        UPDATE, VERSION, PARENT, ARTIFACT, manifest(Optional.of(ORIGIN)), Optional.of(FISHER), AT));
        events.put(
                "candidate-trained-3",
                new DomainEvent.CandidateTrained(
                        UPDATE,
                        VERSION,
                        PARENT,
                        ARTIFACT,
                        manifest(Optional.of(ORIGIN)).withResumedAt(Optional.of(40)),
                        Optional.empty(),
                        AT));
        events.put(
                "candidate-trained-4",
                new DomainEvent.CandidateTrained(
                        UPDATE,
                        VERSION,
                        PARENT,
                        ARTIFACT,
                        manifest(Optional.of(origin(Optional.of("ef56")))),
                        Optional.empty(),
                        AT));
        events.put(
                "candidate-trained-5",
                new DomainEvent.CandidateTrained(
                        UPDATE, VERSION, PARENT, ARTIFACT, madeSomewhere(), Optional.empty(), AT));
        events.put("candidate-evaluated", new DomainEvent.CandidateEvaluated(UPDATE, VERSION, EVALUATION, REPORT, AT));
        events.put(
                "examples-set-aside",
                new DomainEvent.ExamplesSetAside(
                        UPDATE,
                        List.of(List.of("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100")),
                        AT));
        events.put(
                "examples-set-aside-2",
                new DomainEvent.ExamplesSetAside(UPDATE, List.of(), List.of("00112233445566778899aabbccddeeff"), AT));
        events.put("version-promoted", new DomainEvent.VersionPromoted(UPDATE, VERSION, List.of(), AT));
        events.put(
                "version-promoted-2",
                new DomainEvent.VersionPromoted(
                        UPDATE,
                        VERSION,
                        List.of(
                                new Measurement(
                                        "00112233445566778899aabbccddeeff", 17, Optional.of(0.25), Optional.of(3)),
                                new Measurement(
                                        "ffeeddccbbaa99887766554433221100", 9, Optional.empty(), Optional.empty())),
                        AT));
        events.put("candidate-rejected", new DomainEvent.CandidateRejected(UPDATE, VERSION, "it forgot", AT));
        events.put("update-cancelled", new DomainEvent.UpdateCancelled(UPDATE, "not wanted", AT));
        events.put("update-failed", new DomainEvent.UpdateFailed(UPDATE, "no trainer survived", AT));
        events.put("examples-held-back", new DomainEvent.ExamplesHeldBack(UPDATE, AT));
        events.put("examples-tried-again", new DomainEvent.ExamplesTriedAgain(UPDATE, 41, AT));
        events.put(
                "version-rolled-back",
                new DomainEvent.VersionRolledBack(VERSION, PARENT, "users complain", "key-3", AT));
        return events;
    }

    /** As they were written once, and what they are read as. */
    static Map<String, DomainEvent> domainOnce() {
        return Map.of(
                "domain-created",
                created(policy(
                        ReplayStrategy.RESERVOIR,
                        ReplaySampling.PROPORTIONAL,
                        Optional.empty(),
                        Ewc.DEFAULT,
                        "lora+replay")),
                "domain-created-2",
                created(policy(
                        ReplayStrategy.CLASS_BALANCED,
                        ReplaySampling.EQUAL,
                        Optional.of(500_000),
                        Ewc.DEFAULT,
                        "lora+replay")),
                "domain-created-3",
                created(policy(
                        ReplayStrategy.CLASS_BALANCED,
                        ReplaySampling.EQUAL,
                        Optional.of(500_000),
                        new Ewc(0.5, 0.75, 100),
                        "lora+replay+ewc")),
                "update-requested",
                new DomainEvent.UpdateRequested(BARE_REQUEST, "key-1", 5.5, "priority 5.50", AT));
    }

    static Map<String, SchedulerEvent> scheduler() {
        Map<String, SchedulerEvent> events = new LinkedHashMap<>(leases());
        events.put("request-queued-2", new SchedulerEvent.RequestQueued(REQUEST, AT));
        events.put("request-queued-3", new SchedulerEvent.RequestQueued(REQUEST_WITH_MEMORY, AT));
        events.put("request-changed", new SchedulerEvent.RequestChanged(REQUEST, AT));
        events.put("request-removed", new SchedulerEvent.RequestRemoved(UPDATE, "it is live", Optional.empty(), AT));
        events.put("request-removed-2", new SchedulerEvent.RequestRemoved(UPDATE, "it is live", Optional.of(12.5), AT));
        return events;
    }

    private static Map<String, SchedulerEvent> leases() {
        return Map.of(
                "lease-granted", new SchedulerEvent.LeaseGranted(UPDATE, 7, "trainer-a", AT),
                "lease-granted-2",
                        new SchedulerEvent.LeaseGranted(
                                UPDATE, 7, "trainer-a", Optional.of("the only idle trainer"), AT),
                "lease-ended", new SchedulerEvent.LeaseEnded(UPDATE, 7, "silent", AT),
                "lease-returned", new SchedulerEvent.LeaseReturned(UPDATE, 7, "this trainer stops", AT),
                "preemption-asked", new SchedulerEvent.PreemptionAsked(UPDATE, 7, new UpdateId(NEWS, 3), AT),
                "lease-yielded", new SchedulerEvent.LeaseYielded(UPDATE, 7, AT));
    }

    static Map<String, SchedulerEvent> schedulerOnce() {
        return Map.of("request-queued", new SchedulerEvent.RequestQueued(BARE_REQUEST, AT));
    }
}
