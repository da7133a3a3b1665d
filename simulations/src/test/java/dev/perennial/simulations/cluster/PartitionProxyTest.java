package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PartitionProxyTest {
    private static final int SILENCE_MILLIS = 100;

    private final Partition partition = new Partition();
    private ServerSocket node;
    private PartitionProxy proxy;
    private int source = 1;

    @BeforeEach
    void start() throws IOException {
        node = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        proxy = PartitionProxy.start(0, 0, node.getLocalPort(), partition, connection -> source);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        node.close();
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(SILENCE_MILLIS);
        return client;
    }

    private static int read(Socket socket) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
                    while (true) {
                        try {
                            return socket.getInputStream().read();
                        } catch (SocketTimeoutException notYet) {
                            // Read on: it is the future that bounds the wait.
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                })
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void passesBytesBothWays() throws Exception {
        try (Socket client = connect();
                Socket served = node.accept()) {
            client.getOutputStream().write(42);
            assertEquals(42, read(served));
            served.getOutputStream().write(43);
            assertEquals(43, read(client));
        }
    }

    @Test
    void aCutIsSilentAndWhatWasUnderWayArrivesWhenItIsHealed() throws Exception {
        try (Socket client = connect();
                Socket served = node.accept()) {
            client.getOutputStream().write(1);
            assertEquals(1, read(served));
            partition.isolate(1);
            client.getOutputStream().write(2);
            served.getOutputStream().write(3);
            served.setSoTimeout(SILENCE_MILLIS);
            assertThrows(
                    SocketTimeoutException.class, () -> served.getInputStream().read());
            assertThrows(
                    SocketTimeoutException.class, () -> client.getInputStream().read());
            partition.heal();
            assertEquals(2, read(served));
            assertEquals(3, read(client));
        }
    }

    @Test
    void aConnectionMadeDuringACutReachesTheNodeAfterIt() throws Exception {
        partition.isolate(0);
        try (Socket client = connect()) {
            client.getOutputStream().write(5);
            node.setSoTimeout(SILENCE_MILLIS);
            assertThrows(SocketTimeoutException.class, node::accept);
            partition.heal();
            node.setSoTimeout(30_000);
            try (Socket served = node.accept()) {
                assertEquals(5, read(served));
            }
        }
    }

    @Test
    void theOthersHearEachOther() throws Exception {
        partition.isolate(2);
        try (Socket client = connect();
                Socket served = node.accept()) {
            client.getOutputStream().write(6);
            assertEquals(6, read(served));
        }
    }

    @Test
    void theOwnerOfAConnectionIsTheProcessThatOpenedIt() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), node.getLocalPort());
                Socket served = node.accept()) {
            long self = ProcessHandle.current().pid();
            assertEquals(
                    List.of(self),
                    SocketOwners.find(served.getPort(), served.getLocalPort(), List.of(1L, self)).stream()
                            .toList());
            assertTrue(SocketOwners.find(served.getPort(), served.getLocalPort(), List.of(1L))
                            .isEmpty()
                    || self == 1L);
            assertTrue(client.isConnected());
        }
    }
}
