package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.continual.Fisher;
import java.util.concurrent.CompletionStage;

/** Adapters, and what their updates leave for the next, by content id. */
public interface AdapterStore {
    /** Brings an adapter here and reads it for this node's base; whoever asked closes it. */
    CompletionStage<Adapter> load(String artifact);

    /** Stores an adapter durably and answers its content id; storing the same weights again changes nothing. */
    CompletionStage<String> store(Adapter adapter);

    /** Brings Fisher information here; fails where it is of an adapter of another base. */
    CompletionStage<Fisher> loadFisher(String artifact);

    /** As {@link #store}. */
    CompletionStage<String> storeFisher(Fisher fisher);
}
