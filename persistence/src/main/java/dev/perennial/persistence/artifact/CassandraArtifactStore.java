package dev.perennial.persistence.artifact;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import dev.perennial.persistence.BoundedConcurrency;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.Failures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/**
 * Artifacts as rows of Cassandra: chunks, and a manifest that is written when all chunks are stored, without which the
 * chunks are not visible. A put that failed half-way is completed by putting again, and a removal by removing again: the
 * manifest is deleted last.
 */
public final class CassandraArtifactStore implements ArtifactStore {
    private static final int CHUNKS_IN_FLIGHT = 4;

    private final CqlSession session;
    private final Statements statements;
    private final ArtifactSettings settings;
    private final ArtifactCache cache;
    private final Executor blocking;
    private final Clock clock;

    private record Statements(
            PreparedStatement insertManifest,
            PreparedStatement selectManifest,
            PreparedStatement insertChunk,
            PreparedStatement selectChunk,
            PreparedStatement deleteManifest,
            PreparedStatement deleteChunk) {}

    private record Manifest(String sha256, long bytes, int chunkBytes) {
        List<Integer> chunks() {
            int count = Math.toIntExact((bytes + chunkBytes - 1) / chunkBytes);
            return IntStream.range(0, count).boxed().toList();
        }
    }

    private CassandraArtifactStore(
            CqlSession session, Statements statements, ArtifactSettings settings, Executor blocking, Clock clock) {
        this.session = session;
        this.statements = statements;
        this.settings = settings;
        this.cache = new ArtifactCache(settings.cacheDirectory(), settings.cacheBytes());
        this.blocking = blocking;
        this.clock = clock;
    }

    /**
     * Needs the tables of {@link dev.perennial.persistence.Schema}.
     *
     * @param blocking runs everything that touches the disk
     */
    public static CompletionStage<CassandraArtifactStore> open(
            CqlSession session,
            CassandraSettings cassandra,
            ArtifactSettings settings,
            Executor blocking,
            Clock clock) {
        String manifests = cassandra.keyspace() + ".artifact_manifests";
        String chunks = cassandra.keyspace() + ".artifact_chunks";
        List<String> queries = List.of(
                "INSERT INTO " + manifests + " (sha256, size, chunk_bytes, stored_at) VALUES (?, ?, ?, ?)",
                "SELECT size, chunk_bytes FROM " + manifests + " WHERE sha256 = ?",
                "INSERT INTO " + chunks + " (sha256, number, data) VALUES (?, ?, ?)",
                "SELECT data FROM " + chunks + " WHERE sha256 = ? AND number = ?",
                "DELETE FROM " + manifests + " WHERE sha256 = ?",
                "DELETE FROM " + chunks + " WHERE sha256 = ? AND number = ?");
        return BoundedConcurrency.map(queries, queries.size(), session::prepareAsync)
                .thenApply(prepared -> new Statements(
                        prepared.get(0),
                        prepared.get(1),
                        prepared.get(2),
                        prepared.get(3),
                        prepared.get(4),
                        prepared.get(5)))
                .thenApply(statements -> new CassandraArtifactStore(session, statements, settings, blocking, clock));
    }

    @Override
    public CompletionStage<String> put(byte[] content) {
        return onDisk(() -> cache.add(new ByteArrayInputStream(content), settings.maximumBytes()))
                .thenCompose(this::store);
    }

    @Override
    public CompletionStage<String> put(Path file) {
        return onDisk(() -> {
                    try (InputStream in = Files.newInputStream(file)) {
                        return cache.add(in, settings.maximumBytes());
                    }
                })
                .thenCompose(this::store);
    }

    @Override
    public CompletionStage<Boolean> contains(String sha256) {
        return manifest(Sha256.requireName(sha256)).thenApply(found -> true).exceptionally(failure -> {
            Throwable cause = Failures.cause(failure);
            if (cause instanceof ArtifactException.NotFound) {
                return false;
            }
            throw new CompletionException(cause);
        });
    }

    @Override
    public CompletionStage<Path> fetch(String sha256) {
        return onDisk(() -> cache.find(sha256))
                .thenCompose(cached -> cached.<CompletionStage<Path>>map(CompletableFuture::completedStage)
                        .orElseGet(() -> manifest(sha256).thenCompose(this::download)));
    }

    @Override
    public CompletionStage<?> remove(String sha256) {
        return contains(sha256)
                .thenCompose(there ->
                        there ? manifest(sha256).thenCompose(this::delete) : CompletableFuture.completedStage(sha256))
                .thenCompose(gone -> onDisk(() -> cache.remove(sha256)));
    }

    private CompletionStage<String> delete(Manifest manifest) {
        return BoundedConcurrency.map(
                        manifest.chunks(),
                        CHUNKS_IN_FLIGHT,
                        number -> session.executeAsync(statements.deleteChunk.bind(manifest.sha256, number)))
                .thenCompose(gone -> session.executeAsync(statements.deleteManifest.bind(manifest.sha256)))
                .thenApply(gone -> manifest.sha256);
    }

    /** Stores what the cache holds: a copy of our own, which cannot change between its digest and its upload. */
    private CompletionStage<String> store(Path cached) {
        String sha256 = cached.getFileName().toString();
        return contains(sha256)
                .thenCompose(there -> there ? CompletableFuture.completedStage(sha256) : upload(cached, sha256));
    }

    private CompletionStage<String> upload(Path file, String sha256) {
        return onDisk(() -> FileChannel.open(file, StandardOpenOption.READ))
                .thenCompose(channel -> onDisk(() -> new Manifest(sha256, channel.size(), settings.chunkBytes()))
                        .thenCompose(manifest -> BoundedConcurrency.map(
                                        manifest.chunks(),
                                        CHUNKS_IN_FLIGHT,
                                        number -> uploadChunk(channel, manifest, number))
                                .thenCompose(stored -> session.executeAsync(statements.insertManifest.bind(
                                        sha256, manifest.bytes, manifest.chunkBytes, clock.instant()))))
                        .whenComplete((done, failure) -> close(channel))
                        .thenApply(done -> sha256));
    }

    private CompletionStage<?> uploadChunk(FileChannel channel, Manifest manifest, int number) {
        return onDisk(() -> read(channel, manifest, number))
                .thenCompose(data -> session.executeAsync(statements.insertChunk.bind(manifest.sha256, number, data)));
    }

    private CompletionStage<Manifest> manifest(String sha256) {
        return session.executeAsync(statements.selectManifest.bind(sha256)).thenApply(rows -> {
            Row row = rows.one();
            if (row == null) {
                throw new ArtifactException.NotFound(sha256);
            }
            return new Manifest(sha256, row.getLong("size"), row.getInt("chunk_bytes"));
        });
    }

    private CompletionStage<Path> download(Manifest manifest) {
        return onDisk(cache::temporary)
                .thenCompose(temporary -> onDisk(() -> FileChannel.open(temporary, StandardOpenOption.WRITE))
                        .thenCompose(channel -> BoundedConcurrency.map(
                                        manifest.chunks(),
                                        CHUNKS_IN_FLIGHT,
                                        number -> downloadChunk(channel, manifest, number))
                                .whenComplete((done, failure) -> close(channel)))
                        .thenCompose(done -> onDisk(() -> verified(temporary, manifest.sha256)))
                        .whenComplete((done, failure) -> deleteIfExists(temporary)));
    }

    private CompletionStage<Integer> downloadChunk(FileChannel channel, Manifest manifest, int number) {
        return session.executeAsync(statements.selectChunk.bind(manifest.sha256, number))
                .thenCompose(rows -> {
                    Row row = rows.one();
                    ByteBuffer data = row == null ? null : row.getByteBuffer("data");
                    if (data == null) {
                        throw new ArtifactException.Corrupt(manifest.sha256, "chunk " + number + " is missing");
                    }
                    return onDisk(() -> write(channel, data, (long) number * manifest.chunkBytes));
                });
    }

    private Path verified(Path temporary, String sha256) throws IOException {
        String found = Sha256.of(temporary);
        if (!found.equals(sha256)) {
            throw new ArtifactException.Corrupt(sha256, "its content has the digest " + found);
        }
        return cache.adopt(temporary, sha256);
    }

    private static ByteBuffer read(FileChannel channel, Manifest manifest, int number) throws IOException {
        long position = (long) number * manifest.chunkBytes;
        ByteBuffer data = ByteBuffer.allocate((int) Math.min(manifest.chunkBytes, manifest.bytes - position));
        while (data.hasRemaining()) {
            if (channel.read(data, position + data.position()) < 0) {
                throw new IOException("the cached copy of " + manifest.sha256 + " was cut short");
            }
        }
        return data.flip();
    }

    private static int write(FileChannel channel, ByteBuffer data, long position) throws IOException {
        int written = 0;
        while (data.hasRemaining()) {
            written += channel.write(data, position + written);
        }
        return written;
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteIfExists(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> CompletableFuture<T> onDisk(Callable<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return Objects.requireNonNull(work.call());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new AssertionError(e); // the work here throws nothing else
                    }
                },
                blocking);
    }
}
