package dev.perennial.http;

import static dev.perennial.http.ErrorsTest.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.ServingCommand;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompletionRoutesTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String TEXT = "/v1/completions";

    private TestNode node;

    @BeforeEach
    void start() {
        node = TestNode.start();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void answersAChatWithItsVersion() throws Exception {
        HttpResponse<String> response = node.post(CHAT, chat("news", "say Good morning", ""));
        assertEquals(200, response.statusCode(), response.body());
        assertEquals("news@3", header(response));
        JsonNode answer = TestNode.json(response);
        assertEquals("chat.completion", answer.get("object").asText());
        assertEquals("news@3", answer.get("model").asText());
        assertEquals(1_700_000_000L, answer.get("created").asLong());
        JsonNode choice = answer.get("choices").get(0);
        assertEquals("Good morning", choice.get("message").get("content").asText());
        assertEquals("assistant", choice.get("message").get("role").asText());
        assertEquals("stop", choice.get("finish_reason").asText());
        assertEquals(
                TestNode.json("{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}"), answer.get("usage"));
        assertEquals(answer.get("id").asText(), "cmpl-" + asked().key());
        assertTrue(node.serving.abandoned.isEmpty());
    }

    @Test
    void theBareBaseIsNamedSo() {
        assertEquals("base", header(node.post(CHAT, chat("base", "say Hi", ""))));
    }

    @Test
    void answersAPrompt() throws Exception {
        HttpResponse<String> response = node.post(
                TEXT,
                "{\"model\":\"news@2\",\"prompt\":[\"say Hi\"],\"max_tokens\":5,\"seed\":9,\"stop\":\"x\",\"temperature\":0}");
        assertEquals(200, response.statusCode(), response.body());
        assertEquals("news@2", header(response));
        JsonNode answer = TestNode.json(response);
        assertEquals("text_completion", answer.get("object").asText());
        assertEquals("Hi", answer.get("choices").get(0).get("text").asText());
        assertEquals(
                new GenerationRequest(
                        "news@2",
                        List.of(),
                        Optional.of("say Hi"),
                        5,
                        Optional.of(0.0),
                        Optional.empty(),
                        Optional.of(9L),
                        List.of("x"),
                        Optional.empty(),
                        1,
                        Optional.empty()),
                asked().request());
    }

    @Test
    void whatOpenAiClientsSendBesidesIsAccepted() throws Exception {
        HttpResponse<String> response = node.post(CHAT, """
                {"model":"news","max_completion_tokens":9,"n":1,"user":"u","store":true,"metadata":{"a":"b"},"stop":null,
                 "presence_penalty":0,"frequency_penalty":0.0,"logprobs":false,"service_tier":"auto","tools":[],
                 "parallel_tool_calls":false,"reasoning_effort":"low","response_format":{"type":"text"},"tool_choice":"none",
                 "modalities":["text"],"logit_bias":{},
                 "messages":[{"role":"developer","content":"be brief","name":"x"},
                  {"role":"assistant","content":"ok","refusal":null,"tool_calls":[]},
                  {"role":"user","content":[{"type":"text","text":"say "},{"type":"text","text":"Hi"}]}]}""");
        assertEquals(200, response.statusCode(), response.body());
        GenerationRequest request = asked().request();
        assertEquals(
                List.of(
                        new Example.Message("system", "be brief"),
                        new Example.Message("assistant", "ok"),
                        new Example.Message("user", "say Hi")),
                request.messages());
        assertEquals(9, request.maxTokens());
        assertEquals(Optional.empty(), request.temperature());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'max_tokens':0 | max_tokens | an integer from 1 to 4096; got 0",
                "'max_tokens':4097 | max_tokens | an integer from 1 to 4096; got 4097",
                "'max_tokens':99999999999999999999 | max_tokens | an integer from 1 to 4096",
                "'max_completion_tokens':1.5 | max_completion_tokens | an integer from 1 to 4096; got a number with a fraction",
                "'temperature':2.1 | temperature | from 0.0 to 2.0; got 2.1",
                "'temperature':'hot' | temperature | got text",
                "'top_p':-0.1 | top_p | from 0.0 to 1.0",
                "'stop':['a','b','c','d','e'] | stop | at most 4",
                "'stop':'' | stop | none of them empty",
                "'n':0 | n | n is an integer from 1 to 8; got 0",
                "'n':9 | n | n is an integer from 1 to 8; got 9",
                "'n':1.5 | n | n is an integer from 1 to 8; got a number with a fraction",
                "'top_k':-1 | top_k | top_k is an integer from 0 to 1000000; got -1",
                "'top_k':1000001 | top_k | top_k is an integer from 0 to 1000000; got 1000001",
                "'seed':1.5 | seed | 64 bits",
                "'presence_penalty':0.5 | presence_penalty | can only be 0",
                "'logprobs':2 | logprobs | logprobs is true or false; got an integer",
                "'logprobs':true,'top_logprobs':21 | top_logprobs | top_logprobs is an integer from 0 to 20; got 21",
                "'logprobs':true,'top_logprobs':-1 | top_logprobs | top_logprobs is an integer from 0 to 20; got -1",
                "'top_logprobs':2 | top_logprobs | needs logprobs to be true; got top_logprobs 2 and logprobs missing",
                "'logprobs':false,'top_logprobs':2 | top_logprobs | got top_logprobs 2 and logprobs false",
                "'stream':'yes' | stream | true or false; got text",
                "'tools':[{'type':'function'}] | tools | can only be empty",
                "'response_format':{'type':'json_object'} | response_format | can only be",
                "'temprature':1 | temprature | unknown field 'temprature'",
                "'stream_options':{'usage':true} | stream_options.usage | unknown field",
            })
    void unsupportedValuesAreNamed(String field, String param, String message) {
        HttpResponse<String> response = node.post(CHAT, chat("news", "say Hi", "," + field.replace('\'', '"')));
        assertEquals(400, response.statusCode(), response.body());
        assertEquals(param, ErrorsTest.error(response).get("param").asText());
        assertTrue(ErrorsTest.error(response).get("message").asText().contains(message), response.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'model':'news' | messages | missing field 'messages'",
                "'messages':[{'role':'user','content':'x'}] | model | missing field 'model'",
                "'model':'news','messages':[] | messages | at least one",
                "'model':'news','messages':[{'role':'tool','content':'x'}] | messages[0].role | one of system",
                "'model':'news','messages':[{'role':'user'}] | messages[0].content | missing field",
                "'model':'news','messages':[{'role':'user','content':[{'type':'image_url'}]}] | messages[0].content[0].type | text",
            })
    void badMessagesAreNamed(String fields, String param, String message) {
        HttpResponse<String> response = node.post(CHAT, "{" + fields.replace('\'', '"') + "}");
        assertTrue(response.statusCode() == 400, response.body());
        String told = ErrorsTest.error(response).toString();
        assertTrue(told.contains(message), told);
        assertTrue(
                told.contains(param.substring(0, param.indexOf('.') < 0 ? param.length() : param.indexOf('.'))), told);
    }

    @Test
    void aModelOfAnotherProviderDoesNotExist() {
        assertError(
                node.post(CHAT, chat("gpt-3.5", "say Hi", "")), 404, "not_found_error", "model_not_found", "gpt-3.5");
    }

    @Test
    void tooManyCharactersAreRefused() {
        try (TestNode small = TestNode.start("perennial.http.max-prompt-characters = 10")) {
            String two = "{\"role\":\"user\",\"content\":\"123456\"}";
            assertError(
                    small.post(CHAT, "{\"model\":\"news\",\"messages\":[" + two + "," + two + "]}"),
                    413,
                    "invalid_request_error",
                    "too_large",
                    "at most 10 characters; got 12");
        }
    }

    @Test
    void streamsAChat() {
        HttpResponse<String> response = node.post(
                CHAT, chat("news", "say Good morning", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        assertEquals("news@3", header(response));
        assertTrue(response.headers().firstValue("Content-Type").orElseThrow().startsWith("text/event-stream"));
        List<String> events = events(response);
        assertEquals("[DONE]", events.get(events.size() - 1));
        List<JsonNode> chunks = events.subList(0, events.size() - 1).stream()
                .map(TestNode::json)
                .toList();
        assertEquals(5, chunks.size(), response.body());
        assertEquals("assistant", delta(chunks.get(0)).get("role").asText());
        assertEquals("Good ", delta(chunks.get(1)).get("content").asText());
        assertEquals("morning", delta(chunks.get(2)).get("content").asText());
        assertTrue(chunks.get(2).get("choices").get(0).get("finish_reason").isNull());
        assertTrue(chunks.get(2).get("usage").isNull());
        assertEquals(
                "stop", chunks.get(3).get("choices").get(0).get("finish_reason").asText());
        assertEquals(0, chunks.get(4).get("choices").size());
        assertEquals(9, chunks.get(4).get("usage").get("total_tokens").asInt());
        assertEquals("chat.completion.chunk", chunks.get(4).get("object").asText());
    }

    @Test
    void streamsAPromptWithoutUsageWhereItIsNotAskedFor() {
        HttpResponse<String> response =
                node.post(TEXT, "{\"model\":\"news\",\"prompt\":\"say Hi you\",\"stream\":true}");
        List<String> events = events(response);
        assertEquals(4, events.size(), response.body());
        assertEquals(
                "Hi ",
                TestNode.json(events.get(0)).get("choices").get(0).get("text").asText());
        assertFalse(response.body().contains("usage"));
    }

    @Test
    void refusalIsAStatusAlsoForAStream() {
        assertError(
                node.post(CHAT, chat("news", "refuse", "")), 404, "not_found_error", "not_found", "no such version");
        assertError(
                node.post(CHAT, chat("news", "refuse", ",\"stream\":true")),
                404,
                "not_found_error",
                "not_found",
                "no such version");
    }

    @Test
    void refusalAfterTheBeginningIsAnEventOfTheStream() {
        List<String> events = events(node.post(CHAT, chat("news", "break", ",\"stream\":true")));
        JsonNode last = TestNode.json(events.get(events.size() - 1));
        assertEquals("the node is stopping", last.get("error").get("message").asText());
        assertEquals("unavailable_error", last.get("error").get("type").asText());
        assertError(
                node.post(CHAT, chat("news", "break", "")),
                503,
                "unavailable_error",
                "unavailable",
                "the node is stopping");
    }

    @Test
    void silenceIsUnavailableAndAbandoned() throws Exception {
        assertError(
                node.post(CHAT, chat("news", "hang", "")),
                503,
                "unavailable_error",
                "unavailable",
                "the model did not answer within 700 ms");
        assertEquals(asked().key(), abandoned());
        List<String> events = events(node.post(CHAT, chat("news", "stall", ",\"stream\":true")));
        assertTrue(events.get(events.size() - 1).contains("did not answer within 700 ms"));
        assertEquals(asked().key(), abandoned());
    }

    @Test
    void deathOfTheServingActorIsUnavailableAtOnce() {
        assertError(node.post(CHAT, chat("news", "die", "")), 503, "unavailable_error", "unavailable", "has stopped");
        assertError(
                node.post(CHAT, chat("news", "say Hi", "")), 503, "unavailable_error", "unavailable", "has stopped");
    }

    @Test
    void clientThatLeavesWhileItWaitsIsNoticed() throws Exception {
        try (TestNode patient = TestNode.start("perennial.http.generation-timeout = 1 h")) {
            leave(patient, chat("news", "hang", ""), false);
            assertEquals(
                    take(patient.serving.asked.poll(10, TimeUnit.SECONDS)).key(),
                    patient.serving.abandoned.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void clientThatLeavesAStreamIsNoticed() throws Exception {
        try (TestNode patient = TestNode.start("perennial.http.generation-timeout = 1 h")) {
            leave(patient, chat("news", "stall", ",\"stream\":true"), true);
            assertEquals(
                    take(patient.serving.asked.poll(10, TimeUnit.SECONDS)).key(),
                    patient.serving.abandoned.poll(10, TimeUnit.SECONDS));
        }
    }

    /** Sends the request over a raw socket and closes it once the model is at work, or once the answer has begun. */
    private static void leave(TestNode node, String body, boolean afterTheBeginning) throws Exception {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), node.server.address().getPort())) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            String head = "POST " + CHAT + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                    + bytes.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            if (afterTheBeginning) {
                assertTrue(socket.getInputStream().read() >= 0);
            } else {
                ServingCommand.Generate asked = take(node.serving.asked.poll(10, TimeUnit.SECONDS));
                node.serving.asked.add(asked);
            }
        }
    }

    private static String chat(String model, String content, String more) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]" + more
                + "}";
    }

    private static String header(HttpResponse<String> response) {
        return response.headers().firstValue("Perennial-Version").orElseThrow();
    }

    private static List<String> events(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    private static JsonNode delta(JsonNode chunk) {
        return chunk.get("choices").get(0).get("delta");
    }

    private ServingCommand.Generate asked() throws InterruptedException {
        return take(node.serving.asked.poll(10, TimeUnit.SECONDS));
    }

    private String abandoned() throws InterruptedException {
        return take(node.serving.abandoned.poll(10, TimeUnit.SECONDS));
    }

    private static <T> T take(@Nullable T found) {
        return Objects.requireNonNull(found, "nothing came within 10 s");
    }
}
