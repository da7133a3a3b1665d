package dev.perennial.http;

import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** Brings an adapter's archive to this machine. */
public interface AdapterFiles {
    /** @return a zip file that stays where it is while it is sent */
    CompletionStage<Path> zip(String artifact);
}
