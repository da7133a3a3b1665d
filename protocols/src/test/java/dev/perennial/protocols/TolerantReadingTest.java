package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.NotSerializableException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.apache.pekko.serialization.Serializers;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What this build makes of what a newer one says. */
class TolerantReadingTest {
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseResources("protocols.conf").withFallback(ConfigFactory.load()));
    private static final ObjectMapper CBOR = JacksonObjectMapperProvider.get(Adapter.toClassic(KIT.system()))
            .getOrCreate("jackson-cbor", Optional.of(new CBORFactory()));
    private static final Serialization SERIALIZATION = SerializationExtension.get(Adapter.toClassic(KIT.system()));
    private static final DomainEvent COUNTED =
            new DomainEvent.CompletionsCounted(7, Instant.parse("2026-03-04T05:06:07Z"));

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void passesOverAFieldThatItDoesNotKnow() throws IOException {
        ObjectNode newer = CBOR.valueToTree(COUNTED);
        newer.putObject("since").put("build", "next");
        assertEquals(COUNTED, read(COUNTED.getClass().getName(), CBOR.writeValueAsBytes(newer)));
    }

    @Test
    void readsACommandOfAnUnknownKindAsOne() throws IOException {
        ObjectNode newer = CBOR.createObjectNode().put("command", "describe").put("description", "What is new");
        byte[] bytes = CBOR.writeValueAsBytes(newer);
        assertEquals(new DomainCommand.Unknown("describe"), CBOR.readValue(bytes, DomainCommand.class));
    }

    @Test
    void readsAQuestionOfABuildThatDidNotTellRepetitionsApart() throws IOException {
        ObjectNode older =
                CBOR.createObjectNode().put("command", "resolve-version").put("number", 3);
        assertEquals(
                new DomainCommand.ResolveVersion(Optional.of(3), false),
                CBOR.readValue(CBOR.writeValueAsBytes(older), DomainCommand.class));
        assertEquals(older, CBOR.valueToTree(new DomainCommand.ResolveVersion(Optional.of(3), false)));
    }

    @Test
    void readsTheTimesOfASnapshotAsNumbersAndAsText() throws IOException {
        Instant time = Instant.parse("2026-03-04T05:06:07.123456789Z");
        SchedulerSnapshot snapshot =
                new SchedulerSnapshot(7, List.of(), time, Instant.EPOCH, List.of(), List.of(), Map.of());
        Serializer serializer = SERIALIZATION.findSerializerFor(snapshot);
        byte[] written = serializer.toBinary(snapshot);
        assertTrue(CBOR.readTree(written).get("clock").isNumber());
        ObjectNode older = CBOR.valueToTree(snapshot);
        assertTrue(older.get("clock").isTextual());
        for (byte[] bytes : List.of(written, CBOR.writeValueAsBytes(older))) {
            assertEquals(
                    snapshot,
                    SERIALIZATION
                            .deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, snapshot))
                            .get());
        }
    }

    @Test
    void readsNoEventOfAnUnknownKind() throws IOException {
        byte[] bytes = CBOR.writeValueAsBytes(CBOR.createObjectNode().put("event", "description-changed"));
        Throwable failure = assertThrows(
                Exception.class, () -> read("dev.perennial.protocols.DomainEvent$DescriptionChanged", bytes));
        assertInstanceOf(NotSerializableException.class, failure);
    }

    @Test
    void readsNoValueThatItDoesNotKnow() throws IOException {
        ObjectNode newer = CBOR.valueToTree(
                new DomainCommand.RequestUpdate("key", UpdateKind.FIX, 0.5, Optional.empty(), Optional.empty()));
        newer.put("kind", "PRUNE");
        byte[] bytes = CBOR.writeValueAsBytes(newer);
        assertThrows(InvalidFormatException.class, () -> CBOR.readValue(bytes, DomainCommand.class));
    }

    private static Object read(String manifest, byte[] bytes) {
        int serializer = ((SerializerWithStringManifest) SERIALIZATION.findSerializerFor(COUNTED)).identifier();
        return SERIALIZATION.deserialize(bytes, serializer, manifest).get();
    }
}
