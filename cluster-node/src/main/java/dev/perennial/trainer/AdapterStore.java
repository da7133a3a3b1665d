package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import java.util.concurrent.CompletionStage;

/** Adapters by content id. */
public interface AdapterStore {
    /** Brings an adapter here and reads it for this node's base; whoever asked closes it. */
    CompletionStage<Adapter> load(String artifact);

    /** Stores an adapter durably and answers its content id; storing the same weights again changes nothing. */
    CompletionStage<String> store(Adapter adapter);
}
