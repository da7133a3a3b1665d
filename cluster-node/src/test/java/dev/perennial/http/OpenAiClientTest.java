package dev.perennial.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The official client, unchanged, against the routes. */
final class OpenAiClientTest {
    private static TestNode node;
    private static OpenAIClient client;

    @BeforeAll
    static void start() {
        node = TestNode.start();
        node.created("news").version(1);
        client = OpenAIOkHttpClient.builder()
                .baseUrl(node.uri("/v1").toString())
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        node.close();
    }

    @Test
    void listsAndRetrievesModels() {
        List<String> ids = client.models().list().data().stream().map(Model::id).toList();
        assertEquals(List.of("base", "news", "news@1"), ids);
        assertEquals("perennial", client.models().retrieve("news@1").ownedBy());
        assertThrows(NotFoundException.class, () -> client.models().retrieve("other"));
    }

    @Test
    void chats() {
        ChatCompletion answer = client.chat().completions().create(question("say Good morning"));
        assertEquals("Good morning", answer.choices().get(0).message().content().orElseThrow());
        assertEquals("news@3", answer.model());
        assertEquals(9, answer.usage().orElseThrow().totalTokens());
        assertEquals(
                ChatCompletion.Choice.FinishReason.STOP, answer.choices().get(0).finishReason());
    }

    @Test
    void streamsAChat() {
        ChatCompletionCreateParams asked = question("say Good morning to all").toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        StringBuilder text = new StringBuilder();
        long tokens = 0;
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(asked)) {
            for (ChatCompletionChunk chunk : (Iterable<ChatCompletionChunk>) stream.stream()::iterator) {
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                tokens = chunk.usage().map(usage -> usage.completionTokens()).orElse(tokens);
            }
        }
        assertEquals("Good morning to all", text.toString());
        assertEquals(4, tokens);
    }

    @Test
    void completesAPrompt() {
        var answer = client.completions()
                .create(CompletionCreateParams.builder()
                        .model("news@2")
                        .prompt("say Hi")
                        .maxTokens(5)
                        .build());
        assertEquals("Hi", answer.choices().get(0).text());
    }

    @Test
    void understandsErrors() {
        BadRequestException refused = assertThrows(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .create(question("say Hi").toBuilder().n(9).build()));
        assertEquals("n", refused.param().orElseThrow());
        assertEquals("invalid_value", refused.code().orElseThrow());
        assertTrue(
                String.valueOf(refused.getMessage()).contains("n is an integer from 1 to 8; got 9"),
                refused.getMessage());
    }

    private static ChatCompletionCreateParams question(String content) {
        return ChatCompletionCreateParams.builder()
                .model("news")
                .addSystemMessage("be brief")
                .addUserMessage(content)
                .temperature(0)
                .maxCompletionTokens(20)
                .build();
    }
}
