package dev.perennial.entity;

import dev.perennial.protocols.DomainId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Takes the rows of deleted examples out of the example store. */
public interface ExampleRemoval {
    /** Completes when none of the rows is there any more; removing one again changes nothing. */
    CompletionStage<?> remove(DomainId domain, List<String> ids);
}
