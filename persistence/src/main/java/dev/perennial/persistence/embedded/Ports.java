package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The TCP ports of one server, all on loopback. */
record Ports(int nativeTransport, int storage, int sslStorage) {
    // Below the range from which Linux numbers outgoing connections (32768): a client that keeps trying a port of that
    // range while the server is down can be given the same number for its own end, connect to itself, and keep the
    // port.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int ATTEMPTS = 1_000;

    /** Ports free at this moment; another process may still win the race for one. */
    static Ports pick(RandomGenerator random) {
        Set<Integer> free = new LinkedHashSet<>();
        for (int attempt = 0; attempt < ATTEMPTS && free.size() < 3; attempt++) {
            int port = random.nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                free.add(port);
            }
        }
        if (free.size() < 3) {
            throw new CassandraStartException("no free ports on 127.0.0.1 from " + LOWEST + " to " + HIGHEST);
        }
        List<Integer> ports = List.copyOf(free);
        return new Ports(ports.get(0), ports.get(1), ports.get(2));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
