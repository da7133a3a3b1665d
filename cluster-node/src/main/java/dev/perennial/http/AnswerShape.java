package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.ScoredToken;
import dev.perennial.protocols.VersionId;
import java.util.List;
import java.util.Optional;

/** How OpenAI writes completions: whole, or in chunks. Chat and plain text differ in names and in where the text is. */
sealed interface AnswerShape {
    AnswerShape CHAT = new Chat();
    AnswerShape TEXT = new Text();

    /**
     * A choice that is complete.
     *
     * @param tokens none where no log-probabilities were asked for
     */
    record Choice(String text, List<ScoredToken> tokens, GenerationPart.Finished finished) {}

    /**
     * @param logprobs as {@link dev.perennial.protocols.GenerationRequest#logprobs}, here and below
     */
    ObjectNode whole(GenerationPart.Started started, List<Choice> choices, Optional<Integer> logprobs);

    /** What a choice of a stream begins with, before any text. */
    Optional<ObjectNode> opening(GenerationPart.Started started, int choice);

    ObjectNode delta(GenerationPart.Started started, GenerationPart.Text text, Optional<Integer> logprobs);

    ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished);

    /** A chunk without choices that counts the tokens of all choices. */
    ObjectNode usage(GenerationPart.Started started, int completionTokens);

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

    private static ObjectNode choice(ArrayNode choices, int index, Optional<ObjectNode> logprobs) {
        ObjectNode choice = choices.addObject().put("index", index);
        logprobs.ifPresentOrElse(told -> choice.set("logprobs", told), () -> choice.putNull("logprobs"));
        return choice;
    }

    private static ObjectNode chunk(ObjectNode chunk, int index, Optional<ObjectNode> logprobs) {
        return choice(chunk.putArray("choices"), index, logprobs);
    }

    private static int tokens(List<Choice> choices) {
        return choices.stream()
                .mapToInt(choice -> choice.finished().completionTokens())
                .sum();
    }

    private static ObjectNode counted(ObjectNode answer, GenerationPart.Started started, int completionTokens) {
        answer.putObject("usage")
                .put("prompt_tokens", started.promptTokens())
                .put("completion_tokens", completionTokens)
                .put("total_tokens", started.promptTokens() + completionTokens);
        return answer;
    }

    /** {@code POST /v1/chat/completions}. */
    record Chat() implements AnswerShape {
        private static final String CHUNK = "chat.completion.chunk";

        @Override
        public ObjectNode whole(GenerationPart.Started started, List<Choice> choices, Optional<Integer> logprobs) {
            ObjectNode answer = head(started, "chat.completion");
            ArrayNode array = answer.putArray("choices");
            for (Choice each : choices) {
                choice(array, each.finished().choice(), logprobs.map(top -> Logprobs.chat(each.tokens())))
                        .put("finish_reason", each.finished().reason())
                        .putObject("message")
                        .put("role", "assistant")
                        .put("content", each.text())
                        .putNull("refusal");
            }
            return counted(answer, started, tokens(choices));
        }

        @Override
        public Optional<ObjectNode> opening(GenerationPart.Started started, int choice) {
            ObjectNode chunk = head(started, CHUNK);
            chunk(chunk, choice, Optional.empty())
                    .putNull("finish_reason")
                    .putObject("delta")
                    .put("role", "assistant")
                    .put("content", "");
            return Optional.of(chunk);
        }

        @Override
        public ObjectNode delta(GenerationPart.Started started, GenerationPart.Text text, Optional<Integer> logprobs) {
            ObjectNode chunk = head(started, CHUNK);
            chunk(chunk, text.choice(), logprobs.map(top -> Logprobs.chat(text.tokens())))
                    .putNull("finish_reason")
                    .putObject("delta")
                    .put("content", text.text());
            return chunk;
        }

        @Override
        public ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, CHUNK);
            chunk(chunk, finished.choice(), Optional.empty())
                    .put("finish_reason", finished.reason())
                    .putObject("delta");
            return chunk;
        }

        @Override
        public ObjectNode usage(GenerationPart.Started started, int completionTokens) {
            ObjectNode chunk = head(started, CHUNK);
            chunk.putArray("choices");
            return counted(chunk, started, completionTokens);
        }
    }

    /** {@code POST /v1/completions}; its chunks look like its whole. */
    record Text() implements AnswerShape {
        private static final String OBJECT = "text_completion";

        @Override
        public ObjectNode whole(GenerationPart.Started started, List<Choice> choices, Optional<Integer> logprobs) {
            ObjectNode answer = head(started, OBJECT);
            ArrayNode array = answer.putArray("choices");
            for (Choice each : choices) {
                choice(array, each.finished().choice(), logprobs.map(top -> Logprobs.text(each.tokens(), top)))
                        .put("text", each.text())
                        .put("finish_reason", each.finished().reason());
            }
            return counted(answer, started, tokens(choices));
        }

        @Override
        public Optional<ObjectNode> opening(GenerationPart.Started started, int choice) {
            return Optional.empty();
        }

        @Override
        public ObjectNode delta(GenerationPart.Started started, GenerationPart.Text text, Optional<Integer> logprobs) {
            ObjectNode chunk = head(started, OBJECT);
            chunk(chunk, text.choice(), logprobs.map(top -> Logprobs.text(text.tokens(), top)))
                    .put("text", text.text())
                    .putNull("finish_reason");
            return chunk;
        }

        @Override
        public ObjectNode closing(GenerationPart.Started started, GenerationPart.Finished finished) {
            ObjectNode chunk = head(started, OBJECT);
            chunk(chunk, finished.choice(), Optional.empty()).put("text", "").put("finish_reason", finished.reason());
            return chunk;
        }

        @Override
        public ObjectNode usage(GenerationPart.Started started, int completionTokens) {
            ObjectNode chunk = head(started, OBJECT);
            chunk.putArray("choices");
            return counted(chunk, started, completionTokens);
        }
    }
}
