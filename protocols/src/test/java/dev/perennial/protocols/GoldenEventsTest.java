package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Journals are kept for ever. Each golden file holds an event as some build wrote it: these bytes must be read, and must be
 * what is written, by every later one. Where an event gets a new form the old file stays, to be read, and a new one joins it.
 * A file for a new event is written by running this test with {@code -Dperennial.golden.write=true}.
 */
class GoldenEventsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path DOMAIN = GOLDEN.resolve("domain");
    private static final Path SCHEDULER = GOLDEN.resolve("scheduler");
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseResources("protocols.conf").withFallback(ConfigFactory.load()));
    private static final Serialization SERIALIZATION = SerializationExtension.get(Adapter.toClassic(KIT.system()));
    private static final ObjectMapper JSON = JacksonObjectMapperProvider.get(Adapter.toClassic(KIT.system()))
            .getOrCreate("jackson-json", Optional.empty());

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    static Stream<Arguments> events() {
        return Stream.concat(files(DOMAIN, EventSamples.domain()), files(SCHEDULER, EventSamples.scheduler()));
    }

    static Stream<Arguments> earlierEvents() {
        return Stream.concat(files(DOMAIN, EventSamples.domainOnce()), files(SCHEDULER, EventSamples.schedulerOnce()));
    }

    private static Stream<Arguments> files(Path folder, Map<String, ?> events) {
        return events.entrySet().stream()
                .map(sample -> Arguments.of(folder.resolve(sample.getKey() + ".json"), sample.getValue()));
    }

    @Test
    void everyEventHasASampleAndAName() {
        assertEquals(permitted(DomainEvent.class), classes(EventSamples.domain()));
        assertEquals(permitted(SchedulerEvent.class), classes(EventSamples.scheduler()));
        assertEquals(permitted(DomainEvent.class), named(DomainEvent.class));
        assertEquals(permitted(SchedulerEvent.class), named(SchedulerEvent.class));
    }

    @Test
    void noGoldenFileIsForgotten() throws IOException {
        Set<Object> known = Stream.concat(events(), earlierEvents())
                .map(arguments -> arguments.get()[0])
                .collect(Collectors.toSet());
        Set<Object> found = new HashSet<>();
        for (Path folder : List.of(DOMAIN, SCHEDULER)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(Files::isRegularFile).forEach(found::add);
            }
        }
        assertEquals(known, found);
    }

    @ParameterizedTest
    @MethodSource("events")
    void readsAndWritesTheGoldenBytes(Path file, Object event) throws IOException {
        if (Boolean.getBoolean("perennial.golden.write") && Files.notExists(file)) {
            write(file, event);
        }
        JsonNode golden = golden(file);
        assertEquals(event, read(golden));
        assertArrayEquals(bytes(golden), SERIALIZATION.serialize(event).get());
        assertEquals(golden.required("event"), JSON.readTree(JSON.writeValueAsBytes(event)));
        SerializerWithStringManifest current = serializer(event);
        assertEquals(golden.required("serializer").asInt(), current.identifier());
        assertEquals(golden.required("manifest").asText(), current.manifest(event));
    }

    @ParameterizedTest
    @MethodSource("earlierEvents")
    void readsWhatWasWrittenOnce(Path file, Object event) throws IOException {
        assertEquals(event, read(golden(file)));
    }

    private static JsonNode golden(Path file) throws IOException {
        assertTrue(Files.exists(file), () -> "there is no golden file " + file);
        return JSON.readTree(file.toFile());
    }

    private static Object read(JsonNode golden) {
        return SERIALIZATION
                .deserialize(
                        bytes(golden),
                        golden.required("serializer").asInt(),
                        golden.required("manifest").asText())
                .get();
    }

    private static byte[] bytes(JsonNode golden) {
        return Base64.getDecoder().decode(golden.required("cbor").asText());
    }

    private static void write(Path file, Object event) {
        try {
            ObjectNode golden = JSON.createObjectNode();
            golden.set("event", JSON.readTree(JSON.writeValueAsBytes(event)));
            golden.put("serializer", serializer(event).identifier());
            golden.put("manifest", serializer(event).manifest(event));
            golden.put(
                    "cbor",
                    Base64.getEncoder()
                            .encodeToString(SERIALIZATION.serialize(event).get()));
            Files.createDirectories(file.getParent());
            String text = JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(golden);
            Files.writeString(file, text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SerializerWithStringManifest serializer(Object event) {
        return (SerializerWithStringManifest) SERIALIZATION.findSerializerFor(event);
    }

    private static Set<Class<?>> permitted(Class<?> family) {
        return Set.of(family.getPermittedSubclasses());
    }

    private static Set<Class<?>> classes(Map<String, ?> events) {
        return events.values().stream().map(Object::getClass).collect(Collectors.toSet());
    }

    private static Set<Class<?>> named(Class<?> family) {
        return Arrays.stream(subTypes(family)).map(JsonSubTypes.Type::value).collect(Collectors.toSet());
    }

    private static JsonSubTypes.Type[] subTypes(Class<?> family) {
        JsonSubTypes types = family.getAnnotation(JsonSubTypes.class);
        if (types == null) {
            throw new AssertionError(family + " has no @JsonSubTypes");
        }
        return types.value();
    }
}
