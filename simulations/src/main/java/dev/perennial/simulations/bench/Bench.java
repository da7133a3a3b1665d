package dev.perennial.simulations.bench;

import picocli.CommandLine.Command;

/** {@code bench training|decode|load|queue}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Benchmarks, each as a share of this machine's measured peak.",
        subcommands = {TrainingBench.class, DecodeBench.class, LoadBench.class, QueueBench.class})
public final class Bench {}
