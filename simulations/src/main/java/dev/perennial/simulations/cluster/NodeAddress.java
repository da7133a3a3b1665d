package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * The TCP ports of one node, all on 127.0.0.1, which it keeps over its restarts.
 *
 * @param http where clients reach it
 * @param remoting where its own remoting listens
 * @param advertised where the others believe it to listen: a {@link PartitionProxy}
 * @param debug where its JVM takes a debugger, by which a trainer is made to hang
 */
record NodeAddress(int index, int http, int remoting, int advertised, int debug) {
    static final String HOST = "127.0.0.1";

    // Below the range from which Linux numbers outgoing connections, which could take a port between two runs of a
    // node.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int PORTS_A_NODE = 4;

    /**
     * Free ports. Those advertised rise with the index: of two halves of a cluster that are equally large, the one with the
     * lowest address survives, so that node 0 is the one that does.
     */
    static List<NodeAddress> pick(int nodes, RandomGenerator random) {
        TreeSet<Integer> free = new TreeSet<>();
        while (free.size() < nodes * PORTS_A_NODE) {
            int port = random.nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                free.add(port);
            }
        }
        List<Integer> ports = List.copyOf(free);
        List<NodeAddress> addresses = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            addresses.add(new NodeAddress(
                    i, ports.get(i), ports.get(nodes + i), ports.get(2 * nodes + i), ports.get(3 * nodes + i)));
        }
        return addresses;
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    URI uri(String path) {
        return URI.create("http://" + HOST + ":" + http + path);
    }

    /** As the others know it. */
    String member() {
        return HOST + ":" + advertised;
    }
}
