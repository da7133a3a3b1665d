package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * Stands before a node's remoting port and passes bytes on, both ways, while {@link Partition} lets those two nodes hear each
 * other. It is all that other nodes know of the node's remoting, so that cutting it cuts the node off.
 */
final class PartitionProxy implements AutoCloseable {
    private static final int CHUNK = 16 << 10;
    private static final int BACKLOG = 64;

    private final int node;
    private final int target;
    private final Partition partition;
    private final ToIntFunction<Socket> sources;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private PartitionProxy(
            int node, int target, Partition partition, ToIntFunction<Socket> sources, ServerSocket server) {
        this.node = node;
        this.target = target;
        this.partition = partition;
        this.sources = sources;
        this.server = server;
    }

    /**
     * @param node index of the node behind
     * @param port where to listen
     * @param target the node's own port
     * @param sources which node opened a connection; a negative number where it is none
     */
    static PartitionProxy start(int node, int port, int target, Partition partition, ToIntFunction<Socket> sources) {
        ServerSocket server;
        try {
            server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new SimulationException("cannot listen on " + NodeAddress.HOST + ":" + port + ": " + e.getMessage());
        }
        PartitionProxy proxy = new PartitionProxy(node, target, partition, sources, server);
        thread("proxy-" + node, proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                thread("proxy-" + node + "-link", () -> connect(client));
            } catch (IOException closing) {
                if (!server.isClosed()) {
                    throw new SimulationException("the proxy of node " + node + " failed: " + closing.getMessage());
                }
            }
        }
    }

    private void connect(Socket client) {
        try {
            int source = sources.applyAsInt(client);
            partition.awaitPassage(source, node);
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(upstream);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            thread("proxy-" + node + "-back", () -> pump(upstream, client, node, source));
            pump(client, upstream, source, node);
        } catch (IOException nodeIsDown) {
            closeBoth(client, client);
        } catch (InterruptedException e) {
            closeBoth(client, client);
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Socket from, Socket to, int sender, int receiver) {
        byte[] chunk = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                partition.awaitPassage(sender, receiver);
                out.write(chunk, 0, read);
            }
            // Nor does the news of a closed connection pass a cut.
            partition.awaitPassage(sender, receiver);
        } catch (IOException broken) {
            awaitQuietly(sender, receiver);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeBoth(from, to);
        }
    }

    private void awaitQuietly(int sender, int receiver) {
        try {
            partition.awaitPassage(sender, receiver);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeBoth(Socket one, Socket other) {
        close(one);
        close(other);
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException ignored) {
            // It is closed either way.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException ignored) {
            // It is closed either way.
        }
        partition.close();
        open.forEach(this::close);
    }
}
