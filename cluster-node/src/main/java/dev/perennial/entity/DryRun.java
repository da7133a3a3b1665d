package dev.perennial.entity;

import dev.perennial.domain.Decision;
import dev.perennial.domain.DomainDecisions;
import dev.perennial.domain.DomainState;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.UpdateKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;

/**
 * A domain that there is not, in memory: its commands, events, replies and snapshots are written and read back as they are on their way between
 * nodes and to the database. Whoever has done so has loaded and compiled it, and the first domains that move here do not wait for it.
 */
public final class DryRun {
    private static final DomainId NOWHERE = new DomainId("dry-run");
    /** Methods are compiled after some 200 calls. */
    private static final int EXAMPLES = 400;

    private static final int EXAMPLES_A_SNAPSHOT = 50;
    private static final int CHARACTERS = 80;

    private final ActorSystem<?> system;
    private final Serialization serialization;
    private Optional<DomainState> state = Optional.empty();

    private DryRun(ActorSystem<?> system) {
        this.system = system;
        this.serialization = SerializationExtension.get(Adapter.toClassic(system));
    }

    /**
     * Takes up to two seconds of a processor the first time.
     *
     * @throws IllegalStateException where the domain refused something
     */
    public static void of(ActorSystem<?> system) {
        DryRun run = new DryRun(system);
        run.ask(new DomainCommand.Create(NOWHERE, "", DomainPolicy.DEFAULT));
        for (int example = 1; example <= EXAMPLES; example++) {
            run.ask(new DomainCommand.AcceptExamples(List.of(example(example))));
            run.ask(new DomainCommand.ShowDomain());
            if (example % EXAMPLES_A_SNAPSHOT == 0) {
                run.keep();
            }
        }
        run.ask(new DomainCommand.RequestUpdate(
                "dry-run", UpdateKind.KNOWLEDGE, 1, Optional.empty(), Optional.empty()));
        run.keep();
    }

    private static ExampleRef example(int number) {
        String digest = String.format("%032x", number);
        String half = digest.substring(digest.length() / 2);
        return new ExampleRef(
                digest, CHARACTERS, ExampleUse.TRAIN, true, Optional.of(half), Optional.of(half), Optional.empty());
    }

    private void ask(DomainCommand command) {
        DomainCommand asked = read(DomainEnvelope.class, new DomainEnvelope(command, system.ignoreRef()))
                .command();
        Decision decision = DomainDecisions.decide(NOWHERE, state, asked, Instant.now());
        for (DomainEvent event : decision.events()) {
            state = Optional.of(DomainState.fold(state, read(DomainEvent.class, event)));
        }
        DomainReply reply = read(DomainReply.class, decision.reply().apply(state));
        if (reply instanceof DomainReply.Refused refused) {
            throw new IllegalStateException("a dry run was refused a " + command + ": "
                    + refused.problem().message());
        }
    }

    private void keep() {
        DomainSnapshot snapshot = state.orElseThrow().toSnapshot();
        state = Optional.of(DomainState.fromSnapshot(read(DomainSnapshot.class, snapshot)));
    }

    private <T> T read(Class<T> type, T written) {
        Serializer serializer = serialization.findSerializerFor(written);
        String manifest = Serializers.manifestFor(serializer, written);
        byte[] bytes = serialization.serialize(written).get();
        return type.cast(serialization
                .deserialize(bytes, serializer.identifier(), manifest)
                .get());
    }
}
