package dev.perennial;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.NotSerializableException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.jackson.JacksonSerializer;

/**
 * What Jackson has to find out of each message, event and snapshot before it can read or write one. A node has it found out before it joins:
 * else the first of a kind waits for it, on a thread that carries everybody's messages, at the very moment when a domain has just moved there.
 */
final class MessageForms {
    private static final String BINDINGS = "pekko.actor.serialization-bindings";
    private static final String OURS = "dev.perennial.";

    private MessageForms() {}

    /** Takes some tenths of a second of a processor the first time. */
    static void prepare(ActorSystem<?> system) {
        Serialization serialization = SerializationExtension.get(Adapter.toClassic(system));
        for (Class<?> form : all(system.settings().config())) {
            if (serializer(serialization, form) instanceof JacksonSerializer jackson) {
                ObjectMapper mapper = jackson.objectMapper();
                // Both look for what they need as they are made, and the mapper keeps it.
                mapper.writerFor(form);
                mapper.readerFor(form);
            }
        }
    }

    /** All classes that are bound to a serializer, or belong to a sealed interface that is. */
    static Set<Class<?>> all(Config config) {
        return config.getObject(BINDINGS).keySet().stream()
                .filter(name -> name.startsWith(OURS))
                .flatMap(name -> forms(named(name)))
                .collect(Collectors.toSet());
    }

    private static Stream<Class<?>> forms(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(MessageForms::forms)
                : Stream.of(type);
    }

    private static Serializer serializer(Serialization serialization, Class<?> form) {
        try {
            return serialization.serializerFor(form);
        } catch (NotSerializableException e) {
            throw new IllegalStateException(BINDINGS + " has nothing for " + form.getName(), e);
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(BINDINGS + " names " + name + ", which there is not", e);
        }
    }
}
