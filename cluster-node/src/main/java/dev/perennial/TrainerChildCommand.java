package dev.perennial;

import dev.perennial.persistence.embedded.ChildSignals;
import dev.perennial.trainer.TrainerChild;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One update for the node that starts this process and talks to it over standard input and output. */
@Command(name = "trainer-child", hidden = true, description = "Runs one update for the node that started it.")
final class TrainerChildCommand implements Callable<Integer> {
    @Option(names = "--base", required = true, description = "Directory of the base model.")
    private Path base = Path.of("");

    @Option(names = "--device", required = true, description = "auto, cpu or cuda:N.")
    private String device = "";

    @Option(names = "--threads", required = true, description = "Processor threads of one operation.")
    private int threads;

    @Option(names = "--directory", required = true, description = "Where the work lies.")
    private Path directory = Path.of("");

    @Option(names = "--checkpoint-millis", required = true, description = "Between two checkpoints.")
    private long checkpointMillis;

    @Override
    public Integer call() {
        ChildSignals.ignore("HUP", "INT", "TERM");
        PrintStream node = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        // Whatever else prints must not come between the messages.
        System.setOut(System.err);
        TrainerChild.Options options =
                new TrainerChild.Options(base, device, threads, directory, Duration.ofMillis(checkpointMillis));
        new TrainerChild(options, System.in, node).run();
        return 0;
    }
}
