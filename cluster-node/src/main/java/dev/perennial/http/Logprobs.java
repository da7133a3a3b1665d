package dev.perennial.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.protocols.ScoredToken;
import dev.perennial.protocols.TokenLogprob;
import java.util.List;

/** Log-probabilities of tokens in OpenAI's two shapes. */
final class Logprobs {
    /** What OpenAI writes for the hopeless; JSON has no infinity. */
    private static final float LEAST = -9999;

    private Logprobs() {}

    /** {@code {"content":[{"token","logprob","bytes","top_logprobs":[{"token","logprob","bytes"}]}],"refusal":null}} */
    static ObjectNode chat(List<ScoredToken> tokens) {
        ObjectNode logprobs = Answers.MAPPER.createObjectNode();
        ArrayNode content = logprobs.putArray("content");
        for (ScoredToken token : tokens) {
            ArrayNode top = chat(content.addObject(), token.chosen()).putArray("top_logprobs");
            token.alternatives().forEach(alternative -> chat(top.addObject(), alternative));
        }
        logprobs.putNull("refusal");
        return logprobs;
    }

    private static ObjectNode chat(ObjectNode node, TokenLogprob token) {
        node.put("token", token.text()).put("logprob", value(token));
        token.bytes()
                .ifPresentOrElse(
                        bytes -> {
                            ArrayNode values = node.putArray("bytes");
                            bytes.forEach(values::add);
                        },
                        () -> node.putNull("bytes"));
        return node;
    }

    /**
     * {@code {"tokens":[…],"token_logprobs":[…],"top_logprobs":[{TOKEN:LOGPROB}],"text_offset":[…]}}, where the top ones of a
     * place hold the written token too, and are null where none were asked for.
     */
    static ObjectNode text(List<ScoredToken> tokens, int alternatives) {
        ObjectNode logprobs = Answers.MAPPER.createObjectNode();
        ArrayNode texts = logprobs.putArray("tokens");
        ArrayNode values = logprobs.putArray("token_logprobs");
        tokens.forEach(token -> texts.add(token.chosen().text()));
        tokens.forEach(token -> values.add(value(token.chosen())));
        if (alternatives > 0) {
            ArrayNode tops = logprobs.putArray("top_logprobs");
            for (ScoredToken token : tokens) {
                ObjectNode top = tops.addObject();
                // Of tokens with one text, which the shape cannot hold, the most probable stays.
                token.alternatives()
                        .forEach(alternative -> top.putIfAbsent(
                                alternative.text(),
                                Answers.MAPPER.getNodeFactory().numberNode(value(alternative))));
                top.put(token.chosen().text(), value(token.chosen()));
            }
        } else {
            logprobs.putNull("top_logprobs");
        }
        ArrayNode offsets = logprobs.putArray("text_offset");
        tokens.forEach(token -> offsets.add(token.offset()));
        return logprobs;
    }

    private static float value(TokenLogprob token) {
        return Math.max(LEAST, (float) token.logprob());
    }
}
