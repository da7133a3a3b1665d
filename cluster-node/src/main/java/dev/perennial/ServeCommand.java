package dev.perennial;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a node until it is told to stop. */
@Command(name = "serve", mixinStandardHelpOptions = true, description = "Runs a node until Ctrl-C or SIGTERM.")
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions options = new NodeOptions();

    @Option(names = "--config", description = "HOCON file over the defaults.")
    private @Nullable Path config;

    @Override
    public Integer call() {
        Node node = Node.start(options.config(config), line -> System.err.println("perennial: " + line));
        System.out.println("Perennial is ready at " + node.address());
        Optional<String> putOut = node.terminated().toCompletableFuture().join();
        putOut.ifPresent(reason -> System.err.println("perennial: " + reason));
        return putOut.isPresent() ? 1 : 0;
    }
}
