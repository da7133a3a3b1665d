package dev.perennial.offline;

import dev.perennial.learning.AdapterFiles;
import dev.perennial.learning.AdapterMerging;
import dev.perennial.learning.LearningException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
    public Integer call() throws IOException {
        if (!List.of("linear", "cat").contains(method)) {
            throw new ParameterException(
                    spec.commandLine(), "--method: known methods are linear, cat; got '" + method + "'");
        }
        if (!weights.isEmpty() && weights.size() != adapters.size()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--weights: expected one for each of " + adapters.size() + " adapters; got " + weights.size());
        }
        if (Files.exists(out) && !(Files.isDirectory(out) && isEmpty(out))) {
            throw new LearningException("--out " + out + " exists and is not an empty directory; nothing is replaced");
        }
        List<AdapterMerging.Input> inputs = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            Path directory = adapters.get(i);
            inputs.add(new AdapterMerging.Input(
                    directory.toString(), AdapterFiles.read(directory), weights.isEmpty() ? 1 : weights.get(i)));
        }
        AdapterFiles merged = method.equals("linear") ? AdapterMerging.linear(inputs) : AdapterMerging.cat(inputs);
        write(merged);
        spec.commandLine()
                .getOut()
                .printf(
                        "%s: rank %d, %d modules, %d parameters%n",
                        out, merged.settings().rank(), merged.paths().size(), merged.parameters());
        return 0;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    /** Beside its place first: nobody ever sees half an adapter there. */
    private void write(AdapterFiles merged) throws IOException {
        Path whole = out.toAbsolutePath().normalize();
        Path partial = whole.resolveSibling("." + whole.getFileName() + ".partial-"
                + ProcessHandle.current().pid());
        try {
            merged.write(partial);
            Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LearningException("cannot write " + out + ": " + e, e);
        } finally {
            delete(partial);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                files.forEach(file -> {
                    try {
                        Files.delete(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
            Files.delete(directory);
        }
    }
}
