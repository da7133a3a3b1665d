package dev.perennial.trainer;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** Adapters as PEFT directories, by content id. */
public interface AdapterFiles {
    /** A local directory that holds the adapter; nobody changes it. */
    CompletionStage<Path> fetch(String artifact);

    /** Stores a directory durably and answers its content id; storing the same content again changes nothing. */
    CompletionStage<String> store(Path directory);
}
