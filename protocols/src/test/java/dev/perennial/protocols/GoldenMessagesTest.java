package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests are kept with the completions that they led to, and nodes of two builds speak to each other while a cluster is
 * renewed. Files whose name ends in a number are in a form that is written no more, but still read. A file for a new message
 * is written by running this test with {@code -Dperennial.golden.write=true}.
 */
class GoldenMessagesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/serving");
    private static final ActorTestKit KIT =
            ActorTestKit.create(ConfigFactory.parseResources("protocols.conf").withFallback(ConfigFactory.load()));
    private static final JacksonObjectMapperProvider MAPPERS =
            JacksonObjectMapperProvider.get(Adapter.toClassic(KIT.system()));
    private static final ObjectMapper JSON = MAPPERS.getOrCreate("jackson-json", Optional.empty());
    private static final ObjectMapper CBOR = MAPPERS.getOrCreate("jackson-cbor", Optional.of(new CBORFactory()));

    private static final TokenLogprob MIRA = new TokenLogprob("Mi", Optional.of(List.of((int) 'M', (int) 'i')), -0.125);

    private static final Map<String, Object> MESSAGES = Map.of(
            "request-1", request(Optional.empty(), 1, Optional.empty()),
            "request", request(Optional.of(40), 3, Optional.of(2)),
            "started", started(),
            "text-1", new GenerationPart.Text("Mira", 0, List.of()),
            "text",
                    new GenerationPart.Text(
                            "Mira",
                            2,
                            List.of(
                                    new ScoredToken(
                                            MIRA,
                                            0,
                                            List.of(
                                                    MIRA,
                                                    new TokenLogprob("\\xc3", Optional.of(List.of(0xc3)), -2.5),
                                                    new TokenLogprob("<|end|>", Optional.empty(), -3.0))),
                                    new ScoredToken(
                                            new TokenLogprob("ra", Optional.of(List.of((int) 'r', (int) 'a')), 0),
                                            2,
                                            List.of()))),
            "finished-1", new GenerationPart.Finished("stop", 3, 0),
            "finished", new GenerationPart.Finished("length", 3, 2),
            "refused", new GenerationPart.Refused(Problem.unavailable("busy")));

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void everyPartHasASample() {
        Set<Class<?>> sampled = Set.copyOf(MESSAGES.entrySet().stream()
                .filter(each -> each.getValue() instanceof GenerationPart && !isOld(each.getKey()))
                .map(each -> each.getValue().getClass())
                .toList());
        assertEquals(Set.of(GenerationPart.class.getPermittedSubclasses()), sampled);
    }

    @Test
    void noGoldenFileIsForgotten() throws IOException {
        try (Stream<Path> files = Files.walk(GOLDEN)) {
            assertEquals(
                    MESSAGES.keySet(),
                    files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString().replace(".json", ""))
                            .collect(Collectors.toSet()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request-1", "request", "started", "text-1", "text", "finished-1", "finished", "refused"})
    void readsAndWritesTheGoldenBytes(String name) throws IOException {
        Object message = MESSAGES.get(name);
        Class<?> type = message instanceof GenerationPart ? GenerationPart.class : GenerationRequest.class;
        byte[] written = CBOR.writerFor(type).writeValueAsBytes(message);
        JsonNode shown = JSON.readTree(JSON.writerFor(type).writeValueAsBytes(message));
        Path file = GOLDEN.resolve(name + ".json");
        if (Boolean.getBoolean("perennial.golden.write") && Files.notExists(file)) {
            ObjectNode golden = JSON.createObjectNode();
            golden.set("message", shown);
            golden.put("cbor", Base64.getEncoder().encodeToString(written));
            Files.writeString(
                    file, JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(golden) + "\n");
        }
        JsonNode golden = JSON.readTree(file.toFile());
        byte[] bytes = Base64.getDecoder().decode(golden.required("cbor").asText());
        assertEquals(message, CBOR.readValue(bytes, type));
        // The store of completions keeps requests as JSON.
        assertEquals(message, JSON.treeToValue(golden.required("message"), type));
        if (!isOld(name)) {
            assertArrayEquals(bytes, written);
            assertEquals(golden.required("message"), shown);
        }
    }

    private static boolean isOld(String name) {
        return Character.isDigit(name.charAt(name.length() - 1));
    }

    private static GenerationRequest request(Optional<Integer> topK, int choices, Optional<Integer> logprobs) {
        return new GenerationRequest(
                "news@2",
                List.of(new Example.Message("user", "Who runs it?")),
                Optional.empty(),
                64,
                Optional.of(0.5),
                Optional.of(0.9),
                Optional.of(9007199254740993L),
                List.of("\n"),
                topK,
                choices,
                logprobs);
    }

    private static GenerationPart started() {
        return new GenerationPart.Started(
                "cmpl-1",
                Optional.of(new VersionId(new DomainId("news"), 2)),
                Instant.parse("2026-03-04T05:06:07.123456Z"),
                7);
    }
}
