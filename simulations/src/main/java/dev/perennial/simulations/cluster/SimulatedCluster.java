package dev.perennial.simulations.cluster;

import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The processes of a run: one database, the nodes, and a proxy before each node's remoting. Closing ends all of them. */
final class SimulatedCluster implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(8);
    private static final Duration POLL = Duration.ofMillis(200);

    private final List<NodeAddress> addresses;
    private final NodeFiles files;
    private final Database database;
    private final Partition partition = new Partition();
    private final List<PartitionProxy> proxies = new ArrayList<>();
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final ReadinessProbe probe = new ReadinessProbe();

    private SimulatedCluster(List<NodeAddress> addresses, NodeFiles files, Database database) {
        this.addresses = List.copyOf(addresses);
        this.files = files;
        this.database = database;
    }

    /**
     * Blocks until every node is ready.
     *
     * @param progress hears what is under way
     */
    static SimulatedCluster start(ClusterOptions options, Consumer<String> progress) throws InterruptedException {
        Path directory = options.work();
        NodeFiles files = NodeFiles.prepare(directory);
        progress.accept("starting Cassandra");
        Database database = Database.start(directory.resolve("database"));
        // The ports of a run are no part of what its seed decides.
        List<NodeAddress> addresses = NodeAddress.pick(options.nodes(), new SplittableRandom());
        SimulatedCluster cluster = new SimulatedCluster(addresses, files, database);
        Thread stop = new Thread(cluster::close, "end-children");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            cluster.startNodes(options, progress);
            return cluster;
        } catch (RuntimeException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    private void startNodes(ClusterOptions options, Consumer<String> progress) throws InterruptedException {
        for (NodeAddress address : addresses) {
            proxies.add(PartitionProxy.start(
                    address.index(), address.advertised(), address.remoting(), partition, this::source));
        }
        for (NodeAddress address : addresses) {
            Path configuration =
                    files.configuration(address, addresses, database.contactPoint(), options.heartbeatPause());
            nodes.add(new NodeProcess(
                    address,
                    configuration,
                    files.classes(),
                    files.log(address),
                    options.heapMegabytes(),
                    options.faults().contains(Fault.HANG)));
        }
        for (NodeProcess node : nodes) {
            progress.accept("starting node " + node.address().index());
            if (node.equals(archiving())) {
                node.startForArchive();
            } else {
                node.start();
            }
            requireReady(node);
        }
    }

    private void requireReady(NodeProcess node) throws InterruptedException {
        if (!awaitReady(node, START)) {
            String what =
                    node.isAlive() ? "was not ready after " + START.toSeconds() + " s" : "ended before it was ready";
            throw new SimulationException(
                    "node " + node.address().index() + " " + what + "; its log is " + files.log(node.address()));
        }
    }

    /** Which node opened a connection to a proxy. */
    private int source(Socket connection) {
        List<Long> pids = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        for (NodeProcess node : nodes) {
            node.pid().ifPresent(pid -> {
                pids.add(pid);
                indexes.add(node.address().index());
            });
        }
        return SocketOwners.find(connection.getPort(), connection.getLocalPort(), pids)
                .map(pid -> indexes.get(pids.indexOf(pid)))
                .orElse(-1);
    }

    boolean awaitReady(NodeProcess node, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end) {
            if (probe.isReady(node.address())) {
                return true;
            }
            if (!node.isAlive()) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        return false;
    }

    List<NodeAddress> addresses() {
        return addresses;
    }

    NodeProcess node(int index) {
        return nodes.get(index);
    }

    /** The node that writes the archive of the program's classes when it ends for the first time. */
    NodeProcess archiving() {
        return nodes.get(nodes.size() - 1);
    }

    List<NodeProcess> nodes() {
        return List.copyOf(nodes);
    }

    Database database() {
        return database;
    }

    Partition partition() {
        return partition;
    }

    Path clockOffset(int node) {
        return files.clockOffset(addresses.get(node));
    }

    Optional<Path> log(int node) {
        return Optional.of(files.log(addresses.get(node)));
    }

    /** Ends every process of the run, whatever state it is in. */
    @Override
    public void close() {
        nodes.forEach(NodeProcess::close);
        proxies.forEach(PartitionProxy::close);
        database.close();
    }
}
