package dev.perennial.trainer;

import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Lease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores checkpoints and then tells the domain of them, one after the other; of those that come meanwhile the latest is taken.
 * Training does not wait for it. What a node leaves that dies between the two is in the store for good, one checkpoint at
 * most. Thread-safe.
 */
final class CheckpointUploads {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointUploads.class);

    private final Lease lease;
    private final CheckpointStore store;
    private final DomainAsk domains;
    private final Patience patience;
    private final Runnable refused;
    private @Nullable Saved pending;
    private boolean busy;
    private CompletionStage<?> underWay = CompletableFuture.completedFuture("none");

    private record Saved(Path file, int step) {}

    /** @param refused runs where the domain has begun the update under another lease, or has ended it */
    CheckpointUploads(Lease lease, CheckpointStore store, DomainAsk domains, Patience patience, Runnable refused) {
        this.lease = lease;
        this.store = store;
        this.domains = domains;
        this.patience = patience;
        this.refused = refused;
    }

    /** @param file deleted when it is stored */
    synchronized void add(Path file, int step) {
        if (pending != null) {
            delete(pending.file());
        }
        pending = new Saved(file, step);
        if (!busy) {
            next();
        }
    }

    /** Completes when all that was added is stored and told, or has failed; it fails where the last one did. */
    synchronized CompletionStage<?> settled() {
        return pending == null
                ? underWay
                : underWay.handle((done, failure) -> done).thenCompose(done -> settled());
    }

    private synchronized void next() {
        Saved saved = pending;
        if (saved != null) {
            pending = null;
            busy = true;
            // What failed is told to those who wait for it; the next checkpoint tries anew.
            underWay = upload(saved).whenComplete((done, failure) -> over(saved));
        }
    }

    private synchronized void over(Saved saved) {
        busy = false;
        delete(saved.file());
        next();
    }

    private CompletionStage<DomainReply> upload(Saved saved) {
        return patience.ask(() -> store.store(saved.file()))
                .thenCompose(artifact -> told(new Checkpoint(artifact, saved.step(), lease.token())));
    }

    private CompletionStage<DomainReply> told(Checkpoint checkpoint) {
        return patience.ask(() -> domains.ask(
                        lease.update().domain(), new DomainCommand.TakeCheckpoint(lease.update(), checkpoint)))
                .thenCompose(reply -> {
                    if (reply instanceof DomainReply.Refused no) {
                        LOG.info("{}: {}", lease.update(), no.problem().message());
                        refused.run();
                        return store.remove(checkpoint.artifact()).thenApply(gone -> reply);
                    }
                    return CompletableFuture.completedFuture(reply);
                });
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
