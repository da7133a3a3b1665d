package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** What nodes read at their start: the base model, and a configuration for each. */
final class NodeFiles {
    /** The embedded base without its general suite, which would be asked with every update and is no matter here. */
    private static final List<String> BASE = List.of(
            "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

    private final Path directory;
    private final Path base;

    private NodeFiles(Path directory, Path base) {
        this.directory = directory;
        this.base = base;
    }

    static NodeFiles prepare(Path directory) {
        try {
            Path base = Files.createDirectories(directory.resolve("base"));
            for (String name : BASE) {
                try (InputStream in = NodeFiles.class.getResourceAsStream("/base/" + name)) {
                    if (in == null) {
                        throw new SimulationException("resource /base/" + name + " is missing from the class path");
                    }
                    Files.copy(in, base.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return new NodeFiles(directory, base);
        } catch (IOException e) {
            throw new SimulationException("cannot write to " + directory + ": " + e.getMessage());
        }
    }

    Path log(NodeAddress node) {
        return directory.resolve("node-" + node.index() + ".log");
    }

    /** An archive of the classes of all nodes. */
    Path classes() {
        return directory.resolve("classes.jsa");
    }

    /** Holds how far the clock of a node is off, in milliseconds; missing where it is not. */
    Path clockOffset(NodeAddress node) {
        return directory.resolve("node-" + node.index() + ".clock");
    }

    /**
     * @param members of the whole cluster; the first one founds it
     * @param heartbeatPause for how long a node may be silent before the others call it unreachable
     */
    Path configuration(
            NodeAddress node, List<NodeAddress> members, InetSocketAddress database, Duration heartbeatPause) {
        String text = """
                perennial {
                  data = "%s"
                  base = "%s"
                  clock-offset-file = "%s"
                  http.port = %d
                  training { checkpoint-interval = 500 ms, hang-timeout = 8 s }
                  cassandra.contact-points = ["%s:%d"]
                  cluster { host = "%s", port = %d, bind-host = "%s", seeds = [%s] }
                }
                pekko {
                  remote.artery.bind.port = %d
                  cluster.failure-detector.acceptable-heartbeat-pause = %d ms
                }
                """.formatted(
                        directory.resolve("node-" + node.index()),
                        base,
                        clockOffset(node),
                        node.http(),
                        database.getHostString(),
                        database.getPort(),
                        NodeAddress.HOST,
                        node.advertised(),
                        NodeAddress.HOST,
                        members.stream().map(each -> '"' + each.member() + '"').collect(Collectors.joining(", ")),
                        node.remoting(),
                        heartbeatPause.toMillis());
        try {
            return Files.writeString(directory.resolve("node-" + node.index() + ".conf"), text);
        } catch (IOException e) {
            throw new SimulationException("cannot write to " + directory + ": " + e.getMessage());
        }
    }
}
