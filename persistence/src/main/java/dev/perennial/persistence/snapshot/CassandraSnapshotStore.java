package dev.perennial.persistence.snapshot;

import com.datastax.oss.driver.api.core.uuid.Uuids;
import com.typesafe.config.Config;
import dev.perennial.persistence.Failures;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.dispatch.Futures;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.apache.pekko.stream.connectors.cassandra.CassandraSessionSettings;
import org.apache.pekko.stream.connectors.cassandra.javadsl.CassandraSession;
import org.apache.pekko.stream.connectors.cassandra.javadsl.CassandraSessionRegistry;
import scala.concurrent.ExecutionContextExecutor;
import scala.concurrent.Future;
import scala.concurrent.Promise;
import scala.util.Try;

/**
 * The snapshot store of Pekko Persistence that {@code persistence.conf} names. A load fails where the database does; what
 * cannot be read is passed over with a warning, at last for none, so it is for entities whose events are never deleted.
 * Of metadata beside the snapshot, which replicated entities have, it stores nothing, and refuses to save those.
 *
 * <p>A save is acknowledged when it begins or is left out, see {@link BackgroundSaves}; while the node leaves, when it is
 * stored, because then somebody waits to load it; and the node leaves no earlier than what it began has ended, within its
 * phase's time. A deletion by criteria keeps the {@value #KEPT} newest that are whole, as what was acknowledged may not be
 * stored.
 */
public final class CassandraSnapshotStore extends SnapshotStore {
    private static final int KEPT = 2;

    private final SnapshotSettings settings;
    private final CassandraSession session;
    private final Serialization serialization;
    private final ExecutionContextExecutor dispatcher;
    private final CoordinatedShutdown shutdown;
    private final BackgroundSaves saves;
    private CompletionStage<PartedSnapshots> opened;

    /** @param config the section of the plugin */
    public CassandraSnapshotStore(Config config) {
        ActorSystem system = context().system();
        this.settings = SnapshotSettings.from(config);
        // Not the journal's session: whoever asks for that one first decides which tables are made with it.
        this.session = CassandraSessionRegistry.get(system).sessionFor(CassandraSessionSettings.create());
        this.serialization = SerializationExtension.get(system);
        this.dispatcher = context().dispatcher();
        this.shutdown = CoordinatedShutdown.get(system);
        this.saves = new BackgroundSaves(
                (delay, task) -> system.scheduler().scheduleOnce(delay, task, dispatcher), System::nanoTime);
        this.opened = open();
        shutdown.addTask(
                CoordinatedShutdown.PhaseServiceStop(),
                "snapshots-saved",
                () -> saves.ended().thenApply(all -> Done.getInstance()));
    }

    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return future(snapshots().thenCompose(store -> store.load(persistenceId, criteria, this::deserialize)));
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        if (metadata.metadata().isDefined()) {
            throw new UnsupportedOperationException("metadata of " + metadata.persistenceId() + " beside its snapshot");
        }
        CompletionStage<PartedSnapshots> snapshots = snapshots();
        if (shutdown.getShutdownReason().isPresent()) {
            return future(saves.afterwards(metadata.persistenceId(), () -> save(snapshots, metadata, snapshot)));
        }
        saves.offer(metadata.persistenceId(), metadata.sequenceNr(), () -> save(snapshots, metadata, snapshot));
        return future(CompletableFuture.completedStage(null));
    }

    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        CompletionStage<PartedSnapshots> snapshots = snapshots();
        return future(saves.afterwards(
                metadata.persistenceId(),
                () -> snapshots.thenCompose(store -> store.delete(metadata.persistenceId(), metadata.sequenceNr()))));
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        CompletionStage<PartedSnapshots> snapshots = snapshots();
        return future(saves.afterwards(
                persistenceId, () -> snapshots.thenCompose(store -> store.delete(persistenceId, criteria, KEPT))));
    }

    /** Called by the actor alone. Where the tables could not be opened, tries again. */
    private CompletionStage<PartedSnapshots> snapshots() {
        if (opened.toCompletableFuture().isCompletedExceptionally()) {
            opened = open();
        }
        return opened;
    }

    private CompletionStage<PartedSnapshots> open() {
        return session.underlying()
                .thenCompose(connected -> SnapshotTables.open(connected, settings.keyspace()))
                .thenApply(tables -> new PartedSnapshots(tables, settings.partBytes(), dispatcher));
    }

    private CompletionStage<Void> save(
            CompletionStage<PartedSnapshots> snapshots, SnapshotMetadata metadata, Object snapshot) {
        return snapshots.thenCompose(store -> CompletableFuture.supplyAsync(() -> serialize(snapshot), dispatcher)
                .thenCompose(serialized -> store.save(metadata, Uuids.timeBased(), serialized)));
    }

    private SerializedSnapshot serialize(Object snapshot) {
        Serializer serializer = serialization.findSerializerFor(snapshot);
        return new SerializedSnapshot(
                serializer.identifier(),
                Serializers.manifestFor(serializer, snapshot),
                serialization.serialize(snapshot).get());
    }

    private Object deserialize(SerializedSnapshot snapshot) {
        Try<Object> read = serialization.deserialize(snapshot.bytes(), snapshot.serializerId(), snapshot.manifest());
        if (read.isFailure()) {
            throw new UnreadableSnapshotException(read.failed().get());
        }
        return read.get();
    }

    /** Fails with the failure itself, which Pekko logs and hands on. */
    private static <T> Future<T> future(CompletionStage<T> stage) {
        Promise<T> promise = Futures.promise();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                promise.success(value);
            } else {
                promise.failure(Failures.cause(failure));
            }
        });
        return promise.future();
    }
}
