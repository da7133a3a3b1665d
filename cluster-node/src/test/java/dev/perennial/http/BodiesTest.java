package dev.perennial.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that come late, as clients that are no Java client send them. */
final class BodiesTest {
    private static final String HALF = "{\"id\":\"late\",";
    private static final String REST = "\"description\":\"d\"}";

    private static TestNode node;

    @BeforeAll
    static void start() {
        node = TestNode.start("perennial.http.body-timeout = 20 s");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    /** Many clients read nothing before they have sent everything, and lose what they were told if they are cut off by then. */
    @ParameterizedTest
    @CsvSource({"/v1/domains/missing/examples, 404", "/v1/nothing, 404", "/v1/queue, 405"})
    void refusalWaitsUntilTheClientHasSent(String path, int status) throws IOException {
        try (Client client = new Client(node)) {
            client.send(head(path, "application/x-ndjson", "") + HALF);
            client.hearsNothing();
            client.send(REST);
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
            assertTrue(answer.contains("\"error\""), answer);
        }
    }

    @Test
    void clientThatAsksFirstIsRefusedBeforeItSends() throws IOException {
        try (Client client = new Client(node)) {
            client.send(head("/v1/nothing", "application/json", "Expect: 100-continue\r\n"));
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
        }
    }

    @Test
    void clientThatAsksFirstIsToldToGoOnOnce() throws IOException {
        try (Client client = new Client(node)) {
            client.send(head("/v1/domains", "application/json", "Expect: 100-continue\r\n"));
            assertEquals(
                    "HTTP/1.1 100 Continue", client.head().lines().findFirst().orElseThrow());
            client.send(HALF + REST);
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 201 "), answer);
        }
    }

    @Test
    void bodyThatDoesNotComeIsRefusedInTime() throws IOException {
        try (TestNode impatient = TestNode.start("perennial.http.body-timeout = 5 s");
                Client client = new Client(impatient)) {
            client.send(head("/v1/domains", "application/json", "") + HALF);
            long began = System.nanoTime();
            String answer = client.rest();
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            assertTrue(answer.contains("the body did not arrive within 5 s"), answer);
            long seconds = (System.nanoTime() - began) / 1_000_000_000;
            assertTrue(seconds < 10, "told after " + seconds + " s");
        }
    }

    private static String head(String path, String type, String more) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: " + type
                + "\r\nContent-Length: " + (HALF.length() + REST.length()) + "\r\n" + more + "\r\n";
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;

        Client(TestNode node) throws IOException {
            socket = new Socket(
                    InetAddress.getLoopbackAddress(), node.server.address().getPort());
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        void hearsNothing() throws IOException {
            socket.setSoTimeout(300);
            assertThrows(SocketTimeoutException.class, socket.getInputStream()::read);
        }

        /** What comes up to the first blank line. */
        String head() throws IOException {
            socket.setSoTimeout(20_000);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                assertTrue(next >= 0, head::toString);
                head.append((char) next);
            }
            return head.toString();
        }

        /** All that comes until the server closes. */
        String rest() throws IOException {
            socket.setSoTimeout(20_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
