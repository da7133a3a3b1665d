package dev.perennial;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.perennial.entity.ArtifactRemoval;
import dev.perennial.entity.ExampleRemoval;
import dev.perennial.intake.CompletionLookup;
import dev.perennial.intake.ExampleRows;
import dev.perennial.intake.FeedbackRows;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.persistence.CassandraSession;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.CompletionStore;
import dev.perennial.persistence.DomainRegistry;
import dev.perennial.persistence.ExampleStore;
import dev.perennial.persistence.FeedbackStore;
import dev.perennial.persistence.MemberRegistry;
import dev.perennial.persistence.ProtocolRegistry;
import dev.perennial.persistence.Schema;
import dev.perennial.persistence.ServedCompletion;
import dev.perennial.persistence.StoredExample;
import dev.perennial.persistence.StoredFeedback;
import dev.perennial.persistence.artifact.ArtifactSettings;
import dev.perennial.persistence.artifact.ArtifactStore;
import dev.perennial.persistence.artifact.CassandraArtifactStore;
import dev.perennial.persistence.artifact.DirectoryArchive;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.VersionId;
import dev.perennial.serving.CompletionLog;
import dev.perennial.trainer.AdapterStore;
import dev.perennial.trainer.CheckpointStore;
import dev.perennial.trainer.ExampleSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The stores of one node behind the interfaces that the packages of the program ask for, so that none of these knows
 * Cassandra.
 */
final class Stores implements AutoCloseable {
    private static final String BASE = "base";
    /** By which the clocks of two nodes may differ, of which one stores an example and the other deletes it. */
    private static final Duration LARGEST_SKEW = Duration.ofMinutes(1);

    /** What is not known was written by a later build. */
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new Jdk8Module())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** Logged beside the request's own fields. */
    private static final String WHOLE = "answer_whole";

    private final CqlSession session;
    private final ExampleStore examples;
    private final CompletionStore completions;
    private final FeedbackStore feedback;
    private final DomainRegistry domains;
    private final ProtocolRegistry protocols;
    private final MemberRegistry members;
    private final ArtifactStore artifacts;
    private final Executor blocking;

    private Stores(
            CqlSession session,
            ExampleStore examples,
            CompletionStore completions,
            FeedbackStore feedback,
            DomainRegistry domains,
            ProtocolRegistry protocols,
            MemberRegistry members,
            ArtifactStore artifacts,
            Executor blocking) {
        this.session = session;
        this.examples = examples;
        this.completions = completions;
        this.feedback = feedback;
        this.domains = domains;
        this.protocols = protocols;
        this.members = members;
        this.artifacts = artifacts;
        this.blocking = blocking;
    }

    /**
     * Connects, makes the tables where they are missing, and opens every store. Blocks.
     *
     * @param beforeTables is done before any are made
     */
    static Stores open(CassandraSettings settings, Path cache, Executor blocking, Runnable beforeTables) {
        CqlSession session = join(CassandraSession.open(settings));
        try {
            if (!Schema.exists(session, settings)) {
                beforeTables.run();
                join(Schema.create(session, settings));
            }
            return new Stores(
                    session,
                    join(ExampleStore.open(session, settings)),
                    join(CompletionStore.open(session, settings, CompletionStore.DEFAULT_TIME_TO_LIVE)),
                    join(FeedbackStore.open(session, settings)),
                    join(DomainRegistry.open(session, settings)),
                    join(ProtocolRegistry.open(session, settings)),
                    join(MemberRegistry.open(session, settings)),
                    join(CassandraArtifactStore.open(
                            session, settings, ArtifactSettings.defaults(cache), blocking, Clock.systemUTC())),
                    blocking);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    DomainRegistry domains() {
        return domains;
    }

    ProtocolRegistry protocols() {
        return protocols;
    }

    MemberRegistry members() {
        return members;
    }

    ExampleRows exampleRows() {
        return (domain, rows) -> DatabaseFailures.told(examples.put(
                domain.value(),
                rows.stream()
                        .map(row -> new StoredExample(row.id(), row.json(), row.acceptedAt(), row.source()))
                        .toList()));
    }

    ExampleSource exampleSource() {
        return (domain, ids) -> DatabaseFailures.told(examples.get(domain.value(), ids))
                .thenApply(rows -> rows.stream()
                        .map(row -> read(row.json(), Example.class))
                        .toList());
    }

    ExampleRemoval exampleRemoval(Clock clock) {
        return (domain, ids) -> DatabaseFailures.told(
                examples.delete(domain.value(), ids, clock.instant().plus(LARGEST_SKEW)));
    }

    /** One after the other: a domain has few. */
    ArtifactRemoval artifactRemoval() {
        return ids -> {
            CompletionStage<?> removed = CompletableFuture.completedStage("none");
            for (String id : ids) {
                removed = removed.thenCompose(before -> DatabaseFailures.told(artifacts.remove(id)));
            }
            return removed;
        };
    }

    FeedbackRows feedbackRows() {
        return row -> DatabaseFailures.told(feedback.put(new StoredFeedback(
                row.id(),
                row.version().domain().value(),
                row.completionId(),
                row.version().toString(),
                row.rating(),
                row.correction(),
                row.comment(),
                row.exampleId(),
                row.receivedAt())));
    }

    CompletionLog completionLog() {
        return (id, version, request, answer, whole, at) -> DatabaseFailures.told(completions.put(new ServedCompletion(
                id,
                version.map(v -> v.domain().value()).orElse(BASE),
                version.map(VersionId::toString).orElse(BASE),
                write(JSON.<ObjectNode>valueToTree(request).put(WHOLE, whole)),
                answer,
                at)));
    }

    CompletionLookup completionLookup() {
        return id -> DatabaseFailures.told(completions.get(id)).thenApply(found -> found.map(Stores::served));
    }

    private static dev.perennial.intake.ServedCompletion served(ServedCompletion stored) {
        ObjectNode logged = read(stored.requestJson(), ObjectNode.class);
        // Missing in what was logged before it was told.
        boolean whole = logged.path(WHOLE).asBoolean(true);
        GenerationRequest request = JSON.convertValue(logged, GenerationRequest.class);
        return new dev.perennial.intake.ServedCompletion(
                stored.id(),
                stored.version().equals(BASE) ? Optional.empty() : Optional.of(VersionId.parse(stored.version())),
                request.messages(),
                request.prompt(),
                stored.responseText(),
                whole);
    }

    /** Adapters of one base, as trainers read and write them. */
    AdapterStore adapters(BaseModel base) {
        return new AdapterStore() {
            @Override
            public CompletionStage<Adapter> load(String artifact) {
                return DatabaseFailures.told(artifacts.fetch(artifact))
                        .thenApplyAsync(archive -> read(base, archive), blocking);
            }

            @Override
            public CompletionStage<String> store(Adapter adapter) {
                return CompletableFuture.supplyAsync(() -> pack(base, adapter), blocking)
                        .thenCompose(archive -> DatabaseFailures.told(artifacts.put(archive)));
            }

            @Override
            public CompletionStage<Fisher> loadFisher(String artifact) {
                return DatabaseFailures.told(artifacts.fetch(artifact))
                        .thenApplyAsync(file -> Fisher.read(base, file), blocking);
            }

            @Override
            public CompletionStage<String> storeFisher(Fisher fisher) {
                return CompletableFuture.supplyAsync(() -> bytes(base, fisher), blocking)
                        .thenCompose(bytes -> DatabaseFailures.told(artifacts.put(bytes)));
            }
        };
    }

    CheckpointStore checkpoints() {
        return new CheckpointStore() {
            @Override
            public CompletionStage<String> store(Path file) {
                return DatabaseFailures.told(artifacts.put(file));
            }

            @Override
            public CompletionStage<Path> fetch(String artifact, Path file) {
                return DatabaseFailures.told(artifacts.fetch(artifact))
                        .thenApplyAsync(cached -> copied(cached, file), blocking);
            }

            @Override
            public CompletionStage<?> remove(String artifact) {
                return DatabaseFailures.told(artifacts.remove(artifact));
            }
        };
    }

    private static Path copied(Path from, Path to) {
        try {
            return Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy a checkpoint to " + to + ": " + e.getMessage(), e);
        }
    }

    /** The archive of an adapter, as it is sent to clients. */
    CompletionStage<Path> archive(String artifact) {
        return DatabaseFailures.told(artifacts.fetch(artifact));
    }

    private static Adapter read(BaseModel base, Path archive) {
        return inTemporaryDirectory(temporary -> {
            Path directory = temporary.resolve("adapter");
            DirectoryArchive.unzip(archive, directory, DirectoryArchive.Limits.DEFAULT);
            return PeftDirectory.read(base, directory);
        });
    }

    private static byte[] pack(BaseModel base, Adapter adapter) {
        return inTemporaryDirectory(temporary -> {
            Path directory = temporary.resolve("adapter");
            Path archive = temporary.resolve("adapter.zip");
            PeftDirectory.write(base, adapter, directory);
            DirectoryArchive.zip(directory, archive);
            return Files.readAllBytes(archive);
        });
    }

    private static byte[] bytes(BaseModel base, Fisher fisher) {
        return inTemporaryDirectory(temporary -> {
            Path file = temporary.resolve("fisher.safetensors");
            fisher.write(base, file);
            return Files.readAllBytes(file);
        });
    }

    private interface FileWork<T> {
        T in(Path directory) throws IOException;
    }

    private static <T> T inTemporaryDirectory(FileWork<T> work) {
        try {
            Path temporary = Files.createTempDirectory("perennial-");
            try {
                return work.in(temporary);
            } finally {
                DirectoryArchive.deleteTree(temporary);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot pack or unpack an adapter: " + e.getMessage(), e);
        }
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
