package dev.perennial.simulations;

import dev.perennial.simulations.bench.Bench;
import dev.perennial.simulations.cluster.ClusterCommand;
import dev.perennial.simulations.forgetting.Forgetting;
import dev.perennial.simulations.pretraining.PretrainBase;
import dev.perennial.simulations.schedule.Schedule;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The main of {@code simulations.jar}: one command an experiment. */
@Command(
        name = "simulations",
        mixinStandardHelpOptions = true,
        description = "Experiments and simulations around Perennial.",
        subcommands = {PretrainBase.class, Bench.class, Forgetting.class, ClusterCommand.class, Schedule.class})
public final class Simulations {
    private Simulations() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Simulations())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("error: " + failure.getMessage());
                    return 1;
                })
                .execute(arguments));
    }
}
