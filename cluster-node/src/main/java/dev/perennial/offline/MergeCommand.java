package dev.perennial.offline;

import dev.perennial.learning.AdapterFiles;
import dev.perennial.learning.AdapterMerging;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code merge}: one adapter of several. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description = {
            "Makes one PEFT adapter of several of the same base model.",
            "",
            "linear sums the factors A and B with the square roots of the weights, as PEFT does: ranks must be equal and stay"
                    + " as they are, and products of different adapters' factors come in.",
            "cat puts the factors side by side: exactly the weighted sum of what the adapters do, and ranks add up."
        })
public final class MergeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--method", required = true, paramLabel = "METHOD", description = "linear or cat.")
    private String method = "";

    @Option(
            names = "--adapters",
            required = true,
            arity = "1..*",
            paramLabel = "DIR",
            description = "Adapters to merge, 1 to 64.")
    private List<Path> adapters = new ArrayList<>();

    @Option(
            names = "--weights",
            arity = "1..*",
            paramLabel = "X",
            description = "A weight for each adapter, in the same order (default: 1 each); below 0 takes one away.")
    private List<Double> weights = new ArrayList<>();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Directory that is made; there is no such directory yet, or it is empty.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        if (!List.of("linear", "cat").contains(method)) {
            throw new ParameterException(
                    spec.commandLine(), "--method: known methods are linear, cat; got '" + method + "'");
        }
        if (!weights.isEmpty() && weights.size() != adapters.size()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights: expected one for each of " + adapters.size() + " adapters; got " + weights.size());
        }
        OutDirectory target = new OutDirectory(out);
        target.check(false);
        List<AdapterMerging.Input> inputs = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            Path directory = adapters.get(i);
            inputs.add(new AdapterMerging.Input(
                    directory.toString(), AdapterFiles.read(directory), weights.isEmpty() ? 1 : weights.get(i)));
        }
        AdapterFiles merged = method.equals("linear") ? AdapterMerging.linear(inputs) : AdapterMerging.cat(inputs);
        Path result = target.result();
        merged.write(result);
        target.publish(result);
        spec.commandLine()
                .getOut()
                .printf(
                        "%s: rank %d, %d modules, %d parameters%n",
                        out, merged.settings().rank(), merged.paths().size(), merged.parameters());
        return 0;
    }
}
