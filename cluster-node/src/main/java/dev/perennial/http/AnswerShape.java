package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.VersionId;
import java.util.Optional;

/** How OpenAI writes a completion: whole, or in chunks. Chat and plain text differ in names and in where the text is. */
sealed interface AnswerShape {
    AnswerShape CHAT = new Chat();
    AnswerShape TEXT = new Text();

    ObjectNode whole(GenerationPart.Started started, String text, GenerationPart.Finished finished);

    /** What a stream begins with, before any text. */
    Optional<ObjectNode> opening(GenerationPart.Started started);

    ObjectNode delta(GenerationPart.Started started, String text);

    ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished);

    /** A chunk without choices that counts tokens. */
    ObjectNode usage(GenerationPart.Started started, GenerationPart.Finished finished);

    /** The version that answers, as the header and the model field name it. */
    static String version(GenerationPart.Started started) {
        return started.version().map(VersionId::toString).orElse("base");
    }

    private static ObjectNode head(GenerationPart.Started started, String object) {
        return Answers.MAPPER
                .createObjectNode()
                .put("id", started.completionId())
                .put("object", object)
                .put("created", started.at().getEpochSecond())
                .put("model", version(started));
    }

    private static ObjectNode choice(ObjectNode answer) {
        return answer.putArray("choices").addObject().put("index", 0).putNull("logprobs");
    }

    private static ObjectNode counted(
            ObjectNode answer, GenerationPart.Started started, GenerationPart.Finished finished) {
        answer.putObject("usage")
                .put("prompt_tokens", started.promptTokens())
                .put("completion_tokens", finished.completionTokens())
                .put("total_tokens", started.promptTokens() + finished.completionTokens());
        return answer;
    }

    /** {@code POST /v1/chat/completions}. */
    record Chat() implements AnswerShape {
        private static final String CHUNK = "chat.completion.chunk";

        @Override
        public ObjectNode whole(GenerationPart.Started started, String text, GenerationPart.Finished finished) {
            ObjectNode answer = head(started, "chat.completion");
            ObjectNode choice = choice(answer).put("finish_reason", finished.reason());
            choice.putObject("message")
                    .put("role", "assistant")
                    .put("content", text)
                    .putNull("refusal");
            return counted(answer, started, finished);
        }

        @Override
        public Optional<ObjectNode> opening(GenerationPart.Started started) {
            ObjectNode chunk = head(started, CHUNK);
            choice(chunk)
                    .putNull("finish_reason")
                    .putObject("delta")
                    .put("role", "assistant")
                    .put("content", "");
            return Optional.of(chunk);
        }

        @Override
        public ObjectNode delta(GenerationPart.Started started, String text) {
            ObjectNode chunk = head(started, CHUNK);
            choice(chunk).putNull("finish_reason").putObject("delta").put("content", text);
            return chunk;
        }

        @Override
        public ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, CHUNK);
            choice(chunk).put("finish_reason", finished.reason()).putObject("delta");
            return chunk;
        }

        @Override
        public ObjectNode usage(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, CHUNK);
            chunk.putArray("choices");
            return counted(chunk, started, finished);
        }
    }

    /** {@code POST /v1/completions}; its chunks look like its whole. */
    record Text() implements AnswerShape {
        private static final String OBJECT = "text_completion";

        @Override
        public ObjectNode whole(GenerationPart.Started started, String text, GenerationPart.Finished finished) {
            ObjectNode answer = head(started, OBJECT);
            choice(answer).put("text", text).put("finish_reason", finished.reason());
            return counted(answer, started, finished);
        }

        @Override
        public Optional<ObjectNode> opening(GenerationPart.Started started) {
            return Optional.empty();
        }

        @Override
        public ObjectNode delta(GenerationPart.Started started, String text) {
            ObjectNode chunk = head(started, OBJECT);
            choice(chunk).put("text", text).putNull("finish_reason");
            return chunk;
        }

        @Override
        public ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, OBJECT);
            choice(chunk).put("text", "").put("finish_reason", finished.reason());
            return chunk;
        }

        @Override
        public ObjectNode usage(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, OBJECT);
            chunk.putArray("choices");
            return counted(chunk, started, finished);
        }
    }
}
