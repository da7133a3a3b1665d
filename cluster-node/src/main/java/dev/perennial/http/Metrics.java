package dev.perennial.http;

import dev.perennial.protocols.QueueView;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** A node's figures for Prometheus. Thread-safe. */
final class Metrics {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;
    /** The first part of a path after {@code /v1}, or the whole of a short one; whatever else clients ask for is one label. */
    private static final Set<String> RESOURCES = Set.of(
            "alive", "ready", "metrics", "models", "chat", "completions", "domains", "feedback", "updates", "queue");

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = Counter.builder()
            .name("perennial_http_requests_total")
            .help("Answered requests.")
            .labelNames("resource", "method", "status")
            .register(registry);
    private final Histogram seconds = Histogram.builder()
            .name("perennial_http_request_seconds")
            .help("Seconds from a request's head to its answer's, which for a stream is before its end.")
            .labelNames("resource")
            .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
            .classicOnly()
            .register(registry);
    /** There once a scrape has asked for it: what a node does not ask for must not read as an empty queue. */
    private @Nullable QueueFigures queue;

    Metrics(SpokenProtocols protocols) {
        JvmMetrics.builder().register(registry);
        GaugeWithCallback.builder()
                .name("perennial_protocol_version")
                .help("The protocol that this node announces, and the one that all nodes of its cluster speak.")
                .labelNames("of")
                .callback(told -> {
                    told.call(protocols.ofNode(), "node");
                    told.call(protocols.inCluster(), "cluster");
                })
                .register(registry);
    }

    private static final class QueueFigures {
        private final Gauge depth;
        private final Gauge waiting;
        private final Gauge running;
        private final Gauge trainers;
        private final Gauge scheduler;

        QueueFigures(PrometheusRegistry registry) {
            depth = gauge(registry, "perennial_queue_depth", "Update requests, those that trainers have included.");
            waiting = gauge(registry, "perennial_queue_waiting", "Update requests that no trainer has.");
            running = gauge(registry, "perennial_queue_running", "Trainers that hold a lease.");
            trainers = gauge(registry, "perennial_trainers", "Trainers that the scheduler hears from.");
            scheduler = gauge(
                    registry,
                    "perennial_scheduler_answers",
                    "1 where the scheduler told the queue's figures of this scrape, else 0.");
        }

        private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
            return Gauge.builder().name(name).help(help).register(registry);
        }

        void set(double queued, double held, double known, double answers) {
            depth.set(queued);
            waiting.set(queued - held);
            running.set(held);
            trainers.set(known);
            scheduler.set(answers);
        }
    }

    private synchronized QueueFigures figures() {
        QueueFigures known = queue == null ? new QueueFigures(registry) : queue;
        queue = known;
        return known;
    }

    void answered(String path, String method, int status, long nanos) {
        String resource = resource(path);
        requests.labelValues(resource, method, Integer.toString(status)).inc();
        seconds.labelValues(resource).observe(nanos / 1e9);
    }

    private static String resource(String path) {
        String[] parts = path.split("/", 4);
        String name = parts.length > 2 && parts[1].equals("v1") ? parts[2] : parts.length > 1 ? parts[1] : "";
        return RESOURCES.contains(name) ? name : "other";
    }

    void queue(QueueView view) {
        long held = view.trainers().stream()
                .filter(trainer -> trainer.update().isPresent())
                .count();
        figures().set(view.queued(), (double) held, view.trainers().size(), 1);
    }

    /** The queue's figures of an earlier scrape are not passed off as present ones. */
    void queueUnknown() {
        figures().set(Double.NaN, Double.NaN, Double.NaN, 0);
    }

    ByteString text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.fromArrayUnsafe(out.toByteArray());
    }
}
