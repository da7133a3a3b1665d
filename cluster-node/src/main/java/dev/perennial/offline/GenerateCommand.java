package dev.perennial.offline;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.SequenceEncoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code generate}: what a model writes, with any of several adapters. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Goes on with a text, answers a question, or does so for every row of a file.",
            "",
            "--prompt and --chat write the text as it comes. --input reads JSON Lines of {\"prompt\"} or {\"messages\"},"
                    + " where a row may have its own adapter, max_tokens, temperature, seed and stop, and writes, in the"
                    + " same order, JSON Lines of {\"index\",\"text\",\"tokens\",\"finish_reason\"}: the row's place from"
                    + " 0, token ids, and stop or length. Rows are written several at a time, and what one says"
                    + " does not depend on the others.",
            "",
            "A row's adapter is the name or the place, from 0, of one of the --adapter options, or base, which is the bare"
                    + " base model. Where nothing is said it is the first one.",
            "",
            "A stop text is not part of the text, nor are tokens after it. The model's generation_config.json is not"
                    + " applied unless --model-defaults asks for it.",
            "",
            "A bad row is told on standard error with its line and has no line of output; the others are done, and the"
                    + " exit code is 1."
        })
public final class GenerateCommand implements Callable<Integer> {
    private static final int TOKENS_A_TURN = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--adapter",
            paramLabel = "[NAME=]DIR",
            description = "PEFT adapter; may be repeated. Without a name it has that of its directory.")
    private List<String> adapters = new ArrayList<>();

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    /** What is gone on with: one of these. */
    static final class Source {
        @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to go on with.")
        private @Nullable String prompt;

        @Option(
                names = "--chat",
                paramLabel = "TEXT",
                description = "What a user says, put into the model's chat template.")
        private @Nullable String chat;

        @Option(names = "--input", paramLabel = "FILE", description = "JSON Lines; - is standard input.")
        private @Nullable String input;
    }

    @Option(names = "--system", paramLabel = "TEXT", description = "What the system says before --chat.")
    private @Nullable String system;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "Rows of --input at a time, 1 to 1024 (default: 8).")
    private int batch;

    @Option(names = "--json", description = "A line as of --input in place of the text.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        sampling.complete(model.directory());
        Decoder.Settings settings = sampling.settings();
        check(system == null || source.chat != null, "--system goes with --chat");
        check(!sampling.scored() || json || source.input != null, "--logprobs goes with --json or --input");
        check(batch >= 1 && batch <= 1024, "--batch: expected 1 to 1024; got " + batch);
        PrintWriter out = spec.commandLine().getOut();
        return source.input == null ? writeOne(settings, out) : writeRows(source.input, out);
    }

    private int writeRows(String input, PrintWriter out) throws IOException {
        try (Progress progress = new Progress(spec.commandLine().getErr());
                InputRows rows = new InputRows(input, progress);
                BaseModel base = model.open();
                NamedAdapters opened = new NamedAdapters(base, adapters)) {
            new BatchWriting(base, opened, sampling, rows, out, progress).run(batch);
            return rows.finish();
        }
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    private int writeOne(Decoder.Settings settings, PrintWriter out) {
        try (BaseModel base = model.open();
                NamedAdapters opened = new NamedAdapters(base, adapters);
                Decoder decoder = new Decoder(base, 1);
                Writing writing = new Writing(
                        decoder.admit(opened.get(0), prompt(new SequenceEncoder(base)), settings),
                        base.tokenizer(),
                        sampling.stops(),
                        settings.alternatives())) {
            while (!writing.ended()) {
                decoder.advance(TOKENS_A_TURN);
                String fresh = writing.take();
                if (!json) {
                    out.print(fresh);
                    out.flush();
                    InputRows.check(out);
                }
            }
            out.println(json ? writing.result(0).toString() : "");
            InputRows.check(out);
            return 0;
        }
    }

    private int[] prompt(SequenceEncoder encoder) {
        if (source.prompt != null) {
            return encoder.plainPrompt(source.prompt);
        }
        List<Turn> turns = new ArrayList<>();
        if (system != null) {
            turns.add(new Turn("system", system));
        }
        turns.add(new Turn("user", String.valueOf(source.chat)));
        return encoder.prompt(turns);
    }
}
