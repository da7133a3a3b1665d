package dev.perennial.trainer;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** Checkpoints of running updates, by content id. */
public interface CheckpointStore {
    /** Stores a copy of the file durably and answers its content id. */
    CompletionStage<String> store(Path file);

    /** Writes a copy to the file. */
    CompletionStage<Path> fetch(String artifact, Path file);

    /** Takes one away that no domain has been told of; completes too where there is none. */
    CompletionStage<?> remove(String artifact);
}
