package dev.perennial.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.dataset.EncodedData;
import dev.perennial.learning.tuning.FineTuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a training was and what came of it.
 *
 * @param identity settings and digests, as the checkpoint knows them
 * @param data what became of the rows trained on
 */
public record TrainingReport(Map<String, String> identity, EncodedData.Report data, FineTuning.Result result) {
    static final String FILE = "training.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    void write(Path directory) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode settings = root.putObject("settings");
        new TreeMap<>(identity).forEach(settings::put);
        ObjectNode rows = root.putObject("data");
        rows.put("rows", data.rows());
        rows.put("units", data.units());
        rows.put("cut", data.cut());
        rows.put("left_out", data.leftOut());
        rows.put("tokens", data.tokens());
        rows.put("learned", data.learned());
        root.put("steps", result.steps());
        root.put("best_step", result.bestStep());
        root.put("tokens", result.tokens());
        root.put("first_loss", result.firstLoss());
        root.put("final_loss", result.finalLoss());
        ArrayNode heldOut = root.putArray("held_out");
        result.heldOut()
                .forEach(one -> heldOut.addObject().put("step", one.step()).put("loss", one.loss()));
        root.put("seconds", result.seconds());
        root.put("tokens_per_second", result.tokensPerSecond());
        Path file = directory.resolve(FILE);
        try {
            Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
        } catch (IOException e) {
            throw new LearningException("cannot write " + file + ": " + e, e);
        }
    }

    /** For a reader, a line a fact. */
    public String summary(Path out) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d steps on %d rows, loss %.4f at first and %.4f at last%n",
                identity.get("method"),
                result.steps(),
                data.rows(),
                result.firstLoss(),
                result.finalLoss()));
        if (data.cut() + data.leftOut() > 0) {
            text.append(String.format(
                    Locale.ROOT, "rows cut to the longest sequence: %d; left out: %d%n", data.cut(), data.leftOut()));
        }
        if (!result.heldOut().isEmpty()) {
            double best = result.heldOut().stream()
                    .mapToDouble(FineTuning.Evaluation::loss)
                    .min()
                    .orElseThrow();
            text.append(String.format(
                    Locale.ROOT,
                    "held-out loss %.4f before, %.4f at step %d, which is the result%n",
                    result.heldOut().get(0).loss(),
                    best,
                    result.bestStep()));
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%d tokens in %.1f s: %.1f tokens/s%nadapter in %s",
                        result.tokens(),
                        result.seconds(),
                        result.tokensPerSecond(),
                        out))
                .toString();
    }
}
