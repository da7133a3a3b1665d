package dev.perennial.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.intake.ExampleIntake;
import dev.perennial.intake.ExampleRows;
import dev.perennial.intake.FeedbackIntake;
import dev.perennial.intake.FeedbackRows;
import dev.perennial.protocols.QueueView;
import dev.perennial.protocols.SchedulerCommand;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.protocols.UpdateId;
import dev.perennial.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The routes on a free loopback port, over actors and stores that are kept in memory. */
final class TestNode implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String QUICK = """
            pekko.actor.provider = local
            perennial.http { port = 0, ask-timeout = 400 ms, generation-timeout = 700 ms, events-interval = 20 ms,
              heartbeat-interval = 100 ms, max-body = 64 KiB, max-line = 4 KiB, max-upload = 8 MiB, body-timeout = 1 s }
            """;

    final MemoryDomains domains = new MemoryDomains();
    final ScriptedServing serving = new ScriptedServing();
    final Map<String, ExampleRows.Row> examples = new ConcurrentHashMap<>();
    final List<FeedbackRows.Row> feedback = new CopyOnWriteArrayList<>();
    final Readiness readiness = new Readiness();
    final ActorSystem<SpawnProtocol.Command> system;
    final HttpServer server;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestNode(String overrides, Path adapter) {
        Config config = ConfigFactory.parseString(overrides)
                .withFallback(ConfigFactory.parseString(QUICK))
                .withFallback(ConfigFactory.load());
        Settings settings = Settings.from(config.resolve());
        system = ActorSystem.create(SpawnProtocol.create(), "http-test", config);
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        ExampleIntake intake = new ExampleIntake(
                (domain, rows) -> {
                    rows.forEach(row -> examples.put(row.id(), row));
                    return CompletableFuture.completedFuture(rows.size());
                },
                domains,
                settings.intake(),
                settings.http().askTimeout(),
                clock,
                system);
        FeedbackIntake feedbackIntake = new FeedbackIntake(
                id -> CompletableFuture.completedFuture(Optional.ofNullable(serving.served.get(id))),
                row -> CompletableFuture.completedFuture(feedback.add(row)),
                intake,
                settings.intake(),
                clock,
                system);
        AtomicInteger keys = new AtomicInteger();
        HttpApi api = HttpApi.of(
                new Gateways(
                        domains,
                        scheduler(),
                        always(spawn()),
                        intake,
                        feedbackIntake,
                        artifact -> CompletableFuture.completedFuture(adapter)),
                settings.http(),
                readiness,
                new SpokenProtocols() {
                    @Override
                    public int ofNode() {
                        return 2;
                    }

                    @Override
                    public int inCluster() {
                        return 1;
                    }
                },
                clock,
                () -> "key-" + keys.incrementAndGet(),
                system);
        server = await(HttpServer.start(system, api.route(), settings.http(), readiness));
    }

    static TestNode start() {
        return start("");
    }

    static TestNode start(String overrides) {
        return new TestNode(overrides, Path.of("pom.xml")).started();
    }

    /** One that does not know its cluster yet. */
    static TestNode starting() {
        return new TestNode("", Path.of("pom.xml"));
    }

    static TestNode withAdapter(Path adapter) {
        return new TestNode("", adapter).started();
    }

    private TestNode started() {
        readiness.started();
        return this;
    }

    private ActorRef<SchedulerCommand> scheduler() {
        return await(AskPattern.ask(
                system,
                (ActorRef<ActorRef<SchedulerCommand>> replyTo) -> new SpawnProtocol.Spawn<>(
                        Behaviors.<SchedulerCommand>receiveMessage(command -> {
                            if (command instanceof SchedulerCommand.ShowQueue show) {
                                show.replyTo().tell(queue());
                            }
                            return Behaviors.same();
                        }),
                        "scheduler",
                        Props.empty(),
                        replyTo),
                Duration.ofSeconds(5),
                system.scheduler()));
    }

    private static ServingNodes always(ActorRef<ServingCommand> actor) {
        return model -> Optional.of(new ServingNodes.Turn(actor, () -> {}));
    }

    private ActorRef<ServingCommand> spawn() {
        return await(AskPattern.ask(
                system,
                (ActorRef<ActorRef<ServingCommand>> replyTo) ->
                        new SpawnProtocol.Spawn<>(serving.behavior(), "serving", Props.empty(), replyTo),
                Duration.ofSeconds(5),
                system.scheduler()));
    }

    private static QueueView queue() {
        UpdateId update = UpdateId.parse("news-u1");
        return new QueueView(
                1,
                List.of(new QueueView.Request(
                        update,
                        "acme",
                        1.5,
                        Map.of("importance", 1.5),
                        60,
                        1,
                        Optional.of("t1"),
                        Optional.empty(),
                        Optional.of("the only idle trainer"))),
                List.of(new QueueView.Trainer("t1", Optional.of(update), Optional.of(4L), NOW)),
                List.of(new QueueView.Tenant("acme", 30, Optional.of(3_600.0), 1)));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        return await(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    HttpResponse<String> post(String path, String json) {
        return post(path, "application/json", json);
    }

    HttpResponse<String> post(String path, String type, String body) {
        return send(request(path).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** A domain that exists. */
    MemoryDomain created(String id) {
        post("/v1/domains", "{\"id\":\"" + id + "\",\"description\":\"d\"}");
        return domains.domain(id);
    }

    static JsonNode json(HttpResponse<String> response) {
        return json(response.body());
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        await(CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason()));
    }
}
