package dev.perennial.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    @Test
    void tellsTheQueueAndWhatWasAnswered() throws Exception {
        try (TestNode node = TestNode.start()) {
            get(node, "/v1/models");
            get(node, "/v1/models");
            get(node, "/v1/domains/none-of-these");
            get(node, "/secret/path");
            HttpResponse<String> answer = get(node, "/metrics");
            assertEquals(200, answer.statusCode());
            assertTrue(
                    answer.headers().firstValue("Content-Type").orElse("").startsWith("text/plain; version=0.0.4"),
                    answer.headers()::toString);
            String text = answer.body();
            assertLine(text, "perennial_http_requests_total{method=\"GET\",resource=\"models\",status=\"200\"} 2.0");
            assertLine(text, "perennial_http_requests_total{method=\"GET\",resource=\"domains\",status=\"404\"} 1.0");
            assertLine(text, "perennial_http_requests_total{method=\"GET\",resource=\"other\",status=\"404\"} 1.0");
            assertLine(text, "perennial_http_request_seconds_count{resource=\"models\"} 2");
            assertLine(text, "perennial_scheduler_answers 1.0");
            assertLine(text, "perennial_queue_depth 1.0");
            assertLine(text, "perennial_queue_running 1.0");
            assertLine(text, "perennial_queue_waiting 0.0");
            assertLine(text, "perennial_trainers 1.0");
            assertLine(text, "perennial_protocol_version{of=\"node\"} 2.0");
            assertLine(text, "perennial_protocol_version{of=\"cluster\"} 1.0");
            assertTrue(text.contains("jvm_memory_used_bytes"), text);
            assertFalse(text.contains("secret"), text);
        }
    }

    /** Or the largest over all nodes would be 0 where the scheduler does not answer. */
    @Test
    void tellsNothingOfAQueueThatItDoesNotKnow() {
        Metrics metrics = new Metrics(new SpokenProtocols() {
            @Override
            public int ofNode() {
                return 2;
            }

            @Override
            public int inCluster() {
                return 2;
            }
        });
        assertFalse(metrics.text().utf8String().contains("perennial_queue"));
        assertFalse(metrics.text().utf8String().contains("perennial_scheduler"));
        metrics.queueUnknown();
        assertLine(metrics.text().utf8String(), "perennial_queue_depth NaN");
        assertLine(metrics.text().utf8String(), "perennial_scheduler_answers 0.0");
    }

    private static void assertLine(String text, String line) {
        assertTrue(text.lines().anyMatch(line::equals), () -> "expected " + line + " in\n" + text);
    }

    private static HttpResponse<String> get(TestNode node, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + node.server.address().getPort() + path);
        return node.client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
