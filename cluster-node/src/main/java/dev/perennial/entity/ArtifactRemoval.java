package dev.perennial.entity;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Takes artifacts that nobody needs out of the artifact store. */
public interface ArtifactRemoval {
    /** Completes when none of them is there any more; removing one again changes nothing. */
    CompletionStage<?> remove(List<String> artifacts);
}
