package dev.perennial.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.Scoring;
import dev.perennial.learning.Sequence;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code logprobs}: how likely a model finds each token of given rows. */
@Command(
        name = "logprobs",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the log-probability of each token of each row after its first, given those before it.",
            "",
            "Reads JSON Lines of {\"text\"}, {\"input_ids\"} or {\"prompt\",\"completion\"}; other keys are passed over.",
            "Writes, in the same order, JSON Lines of {\"input_ids\":[...],\"logprobs\":[...]}: natural logarithms,"
                    + " one fewer than tokens.",
            "",
            "A text is read as one that goes on: after the model's begin token, if it has one, and without an end token."
                    + " Special tokens written in it are read as such. A completion is tokenised apart from its prompt, as"
                    + " in training; completion_from is the index of its first token in input_ids. input_ids are taken"
                    + " as they are.",
            "",
            "A bad row, or one longer than the model's context, is told on standard error with its line and has no line"
                    + " of output; the others are done, and the exit code is 1."
        })
public final class LogprobsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Rows that are held at a time, to be scored with others of like length. */
    private static final int MOST_ROWS = 128;

    private static final long MOST_TOKENS = 1 << 14;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--adapter", paramLabel = "DIR", description = "PEFT adapter on top of the base model.")
    private @Nullable Path adapter;

    @Option(names = "--input", required = true, paramLabel = "FILE", description = "JSON Lines; - is standard input.")
    private String input = "";

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Progress progress = new Progress(spec.commandLine().getErr());
                BaseModel base = model.open();
                InputRows rows = new InputRows(input, progress);
                Adapter scored = adapter == null ? Adapter.none(base) : PeftDirectory.read(base, adapter)) {
            ScoredRow.Reader reader = new ScoredRow.Reader(base);
            List<ScoredRow> held = new ArrayList<>();
            long tokens = 0;
            for (var row = rows.read(); row.isPresent(); row = rows.read()) {
                try {
                    ScoredRow read = reader.read(row.get());
                    held.add(read);
                    tokens += read.ids().length;
                } catch (LearningException e) {
                    rows.refuse(e);
                }
                if (held.size() >= MOST_ROWS || tokens >= MOST_TOKENS) {
                    write(base, scored, held, out, progress);
                    held.clear();
                    tokens = 0;
                }
            }
            write(base, scored, held, out, progress);
            return rows.finish();
        }
    }

    private static void write(BaseModel base, Adapter adapter, List<ScoredRow> rows, PrintWriter out, Progress progress)
            throws IOException {
        List<Sequence> sequences = rows.stream()
                .filter(row -> row.ids().length > 1)
                .map(row -> new Sequence(row.ids(), 1, false))
                .toList();
        Iterator<float[]> scores =
                Scoring.logProbabilities(base, adapter, sequences).iterator();
        for (ScoredRow row : rows) {
            float[] logprobs = row.ids().length > 1 ? scores.next() : new float[0];
            ObjectNode node = JSON.createObjectNode();
            node.set("input_ids", JSON.valueToTree(row.ids()));
            node.set("logprobs", JSON.valueToTree(logprobs));
            row.completionFrom().ifPresent(from -> node.put("completion_from", from));
            out.println(JSON.writeValueAsString(node));
            progress.advance(1, row.ids().length);
        }
        out.flush();
        InputRows.check(out);
    }
}
