package dev.perennial;

import dev.perennial.quickstart.Quickstart;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts a node and plays the product's story on it, over its own HTTP API. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description =
                "Starts everything on embedded defaults and shows a model learn, keep what it knew, and roll back.")
final class QuickstartCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions options = new NodeOptions();

    @Option(names = "--exit", description = "Ends after the story in place of staying up.")
    private boolean exit;

    @Option(names = "--report", description = "Writes the figures as JSON.")
    private @Nullable Path report;

    @Override
    public Integer call() {
        long began = System.nanoTime();
        Node node = Node.start(options.config(null), line -> System.err.println("perennial: " + line));
        double ready = (System.nanoTime() - began) / 1e9;
        System.out.printf(java.util.Locale.ROOT, "Perennial is ready at %s after %.1f s%n%n", node.address(), ready);
        new Quickstart(node.address(), System.out, System.err).play(ready, report);
        if (!exit) {
            System.out.println("\nPerennial stays up at " + node.address() + "; Ctrl-C ends it.");
            node.terminated().toCompletableFuture().join();
        }
        return 0;
    }
}
