package dev.perennial.persistence.artifact;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/**
 * Immutable files named by the SHA-256 of their content, in lower-case hexadecimal. An artifact can be fetched by anybody as
 * soon as its {@code put} has completed, and by nobody before. Implementations are thread-safe and never block the caller.
 * Stages fail with {@link ArtifactException} where trying again will not help, else with the failure of the database or
 * disk.
 */
public interface ArtifactStore {

    /** Stores these bytes, unless they are already there. */
    CompletionStage<String> put(byte[] content);

    /** Stores a copy of this file, unless it is already there. */
    CompletionStage<String> put(Path file);

    /** Whether an artifact has been stored completely. */
    CompletionStage<Boolean> contains(String sha256);

    /**
     * A local copy, its digest verified. Read only; it may be evicted later, so open or copy it at once and ask again for
     * the next use.
     */
    CompletionStage<Path> fetch(String sha256);

    /**
     * Takes an artifact away for good; completes too where there is none. For what nobody else can have stored or can still
     * ask for: a removal and a {@code put} of the same content at the same time may leave either.
     */
    CompletionStage<?> remove(String sha256);
}
