package dev.perennial.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProtocolFormsTest {
    private static final DomainId NEWS = new DomainId("news");

    @Test
    void aDomainThatIsCreatedBeforeAllKnowNeighboursDoesWithoutAndReplaysAsMuch() {
        DomainCommand create = new DomainCommand.Create(NEWS, "What is new", DomainPolicy.DEFAULT);
        assertSame(create, ProtocolForms.known(create, 2));
        DomainPolicy policy = ((DomainCommand.Create) ProtocolForms.known(create, 1)).policy();
        assertEquals("lora+replay+ewc", policy.method().toString());
        assertEquals(0.46, policy.replay().generalShare());
        assertEquals(Optional.empty(), policy.replay().neighbourShare());
        assertEquals(DomainPolicy.DEFAULT.training(), policy.training());
    }

    /** Whatever shares a policy has, those without neighbours are a policy's too. */
    @Test
    void allThatIsReplayedStaysAPolicys() {
        DomainPolicy.Replay standard = DomainPolicy.Replay.DEFAULT;
        for (int share = 0; share <= 90; share++) {
            for (int general = 0; general <= 90 - share; general++) {
                DomainPolicy policy = new DomainPolicy(
                        DomainPolicy.Training.DEFAULT,
                        DomainPolicy.Gate.DEFAULT,
                        new DomainPolicy.Replay(
                                10,
                                share / 100.0,
                                general / 100.0,
                                standard.distillation(),
                                standard.strategy(),
                                standard.sampling(),
                                standard.tokens()));
                DomainPolicy.Replay without =
                        policy.by(LearningMethod.parse("lora+replay")).replay();
                assertEquals(Math.min(0.9 - share / 100.0, general / 100.0 + 0.16), without.generalShare(), 1e-6);
            }
        }
    }

    @Test
    void anUpdateThatAsksForThemBeforeDoesWithout() {
        assertEquals(Optional.of("lora+replay+gap"), asked(Optional.of("lora+replay+gap+neighbours"), 1));
        assertEquals(Optional.of("lora+replay"), asked(Optional.of("lora+replay"), 1));
        assertEquals(Optional.empty(), asked(Optional.empty(), 1));
        assertEquals(Optional.of("lora+neighbours"), asked(Optional.of("lora+neighbours"), 2));
        assertEquals(Optional.of("magic"), asked(Optional.of("magic"), 1), "is refused where it is read");
    }

    private static Optional<String> asked(Optional<String> method, int protocol) {
        DomainCommand.RequestUpdate request =
                new DomainCommand.RequestUpdate("key", UpdateKind.FIX, 0.25, Optional.empty(), method);
        return ((DomainCommand.RequestUpdate) ProtocolForms.known(request, protocol)).method();
    }

    @Test
    void aManifestTellsWhatBuildsOfBeforeWouldLoseOnlyOnceThereAreNone() {
        Manifest manifest = new Manifest(
                "b",
                "d",
                "lora",
                1,
                DomainPolicy.Training.DEFAULT,
                Map.of("new", 1),
                1,
                1,
                0.5,
                1,
                Optional.empty(),
                List.of("outlier"),
                Optional.of(new Manifest.Environment("cpu", 1, "PyTorch", "0.1.0")),
                Optional.of(7));
        Decision decision = Decision.done(new DomainEvent.CandidateTrained(
                new UpdateId(NEWS, 1),
                new VersionId(NEWS, 1),
                new VersionId(NEWS, 0),
                "artifact",
                manifest,
                Optional.empty(),
                Instant.EPOCH));
        assertEquals(manifest, manifest(ProtocolForms.known(decision, 2)));
        Manifest plain = manifest(ProtocolForms.known(decision, 1));
        assertEquals(List.of(), plain.outliers());
        assertEquals(Optional.empty(), plain.environment());
        assertEquals(Optional.of(7), plain.resumedAt());
    }

    private static Manifest manifest(Decision decision) {
        return ((DomainEvent.CandidateTrained) decision.events().get(0)).manifest();
    }

    @Test
    void examplesAreHeldBackOnceAllKnowThatTheyCanBe() {
        Decision decision = Decision.done(new DomainEvent.ExamplesHeldBack(new UpdateId(NEWS, 1), Instant.EPOCH));
        assertEquals(0, ProtocolForms.known(decision, 0).events().size());
        assertEquals(1, ProtocolForms.known(decision, 1).events().size());
    }
}
