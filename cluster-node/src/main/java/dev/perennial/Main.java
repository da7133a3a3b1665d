package dev.perennial;

import dev.perennial.offline.GenerateCommand;
import dev.perennial.offline.InspectCommand;
import dev.perennial.offline.LogprobsCommand;
import dev.perennial.offline.MergeCommand;
import dev.perennial.quickstart.QuickstartException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program's only main. */
@Command(
        name = "perennial",
        mixinStandardHelpOptions = true,
        version = "perennial 0.1.0",
        description = "Keeps language models current.",
        subcommands = {
            QuickstartCommand.class,
            ServeCommand.class,
            TrainCommand.class,
            GenerateCommand.class,
            LogprobsCommand.class,
            MergeCommand.class,
            InspectCommand.class,
            TrainerChildCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] arguments) {
        // Two threads that log first at the same time make SLF4J complain.
        LoggerFactory.getILoggerFactory();
        System.exit(commandLine().execute(arguments));
    }

    /** The whole command line; results are UTF-8 wherever it runs. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setOut(new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true))
                .setParameterExceptionHandler((failure, given) -> {
                    CommandLine command = failure.getCommandLine();
                    command.getErr().println("error: " + failure.getMessage());
                    command.getErr().println("see " + command.getCommandSpec().qualifiedName() + " --help");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("error: " + reason(failure));
                    return 1;
                });
    }

    /** Expected failures are one clear line; what nobody expected keeps its type, so that it can be reported. */
    private static String reason(Throwable failure) {
        boolean expected = failure instanceof StartException
                || failure instanceof QuickstartException
                || failure instanceof dev.perennial.learning.LearningException
                || failure instanceof dev.perennial.settings.SettingsException
                || failure instanceof dev.perennial.persistence.embedded.CassandraStartException;
        return expected ? String.valueOf(failure.getMessage()) : failure.toString();
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected a command; one of "
                        + spec.subcommands().entrySet().stream()
                                .filter(each -> !each.getValue()
                                        .getCommandSpec()
                                        .usageMessage()
                                        .hidden())
                                .map(Map.Entry::getKey)
                                .collect(Collectors.joining(", ")));
    }
}
