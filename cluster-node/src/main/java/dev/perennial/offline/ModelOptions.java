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
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto (the first GPU, else the processor), cpu or cuda:N (default: auto).")
    private String device = "auto";

    private int threads = 1;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads of each operation (default: 1; more only help on cores that nobody else uses).")
    void threads(int given) {
        if (given < 1) {
            throw new ParameterException(spec.commandLine(), "--threads: expected at least 1; got " + given);
        }
        threads = given;
    }

    Path directory() {
        return model;
    }

    /** Opens the base model; close it. */
    BaseModel open() {
        TorchEngine.load(threads);
        return BaseModel.open(model, TorchEngine.device(device));
    }
}
