package dev.perennial.offline;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.TorchEngine;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of every command that computes with a base model. */
final class ModelOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Hugging Face directory of the base model.")
    private Path model = Path.of("");

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of each operation (default: 1; more only help on cores that nobody else uses).")
    private int threads;

    /** Opens the base model; close it. */
    BaseModel open() {
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads: expected at least 1; got " + threads);
        }
        TorchEngine.load(threads);
        return BaseModel.open(model);
    }
}
