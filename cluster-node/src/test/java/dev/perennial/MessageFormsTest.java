package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ser.DefaultSerializerProvider;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.SchedulerCommand;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.jackson.JacksonSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class MessageFormsTest {
    private static final ActorTestKit KIT = ActorTestKit.create(TestConfig.create());

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void areAllThatLeaveAProcess() {
        Set<Class<?>> all = MessageForms.all(KIT.system().settings().config());
        assertTrue(
                all.containsAll(Set.of(
                        DomainEnvelope.class,
                        DomainSnapshot.class,
                        DomainCommand.ResolveVersion.class,
                        SchedulerCommand.Acknowledged.class)),
                all::toString);
        assertTrue(!all.contains(DomainCommand.class), all::toString);
    }

    @Test
    void areKnownOncePrepared() throws Exception {
        ObjectMapper mapper = assertInstanceOf(
                        JacksonSerializer.class,
                        SerializationExtension.get(Adapter.toClassic(KIT.system()))
                                .serializerFor(DomainEnvelope.class))
                .objectMapper();
        DefaultSerializerProvider writers = (DefaultSerializerProvider) mapper.getSerializerProvider();
        int before = writers.cachedSerializersCount();
        MessageForms.prepare(KIT.system());
        int after = writers.cachedSerializersCount();
        assertTrue(after >= before + 50, before + " and then " + after + " writers");
        MessageForms.prepare(KIT.system());
        assertEquals(after, writers.cachedSerializersCount());
    }
}
