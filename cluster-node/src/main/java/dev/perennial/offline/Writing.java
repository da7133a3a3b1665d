package dev.perennial.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.CompletionText;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** One completion that is being written; close it to make room for another. */
final class Writing implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Decoder.Row row;
    private final CompletionText text;
    private final int alternatives;
    private final List<Decoder.Token> tokens = new ArrayList<>();

    /** @param alternatives as in {@link Decoder.Settings} */
    Writing(Decoder.Row row, Tokenizer tokenizer, List<String> stops, int alternatives) {
        this.row = row;
        this.text = new CompletionText(tokenizer, stops);
        this.alternatives = alternatives;
    }

    /** Takes what was written since the last call; answers the text that no later token can change. */
    String take() {
        List<Decoder.Token> more = row.take();
        tokens.addAll(more);
        return text.add(more.stream().mapToInt(Decoder.Token::id).toArray(), row.ended());
    }

    boolean ended() {
        return text.stopped() || row.ended();
    }

    int written() {
        return tokens.size();
    }

    ObjectNode result(long index) {
        List<Decoder.Token> kept = tokens.subList(0, text.tokens().length);
        ObjectNode result = JSON.createObjectNode().put("index", index).put("text", text.text());
        ArrayNode ids = result.putArray("tokens");
        kept.forEach(token -> ids.add(token.id()));
        result.put("finish_reason", text.stopped() || row.stoppedByModel() ? "stop" : "length");
        if (alternatives >= 0) {
            ArrayNode logprobs = result.putArray("logprobs");
            kept.forEach(token -> logprobs.add((float) token.logProbability()));
        }
        if (alternatives > 0) {
            ArrayNode tops = result.putArray("top_logprobs");
            for (Decoder.Token token : kept) {
                ArrayNode top = tops.addArray();
                token.alternatives()
                        .forEach(other ->
                                top.addObject().put("id", other.id()).put("logprob", (float) other.logProbability()));
            }
        }
        return result;
    }

    @Override
    public void close() {
        row.close();
    }
}
