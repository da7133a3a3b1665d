package dev.perennial.intake;

import dev.perennial.protocols.DomainId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where the text of examples is kept. Putting a row again changes nothing, as its id is made from its content. */
public interface ExampleRows {
    /** Completes when all rows are durable. */
    CompletionStage<?> put(DomainId domain, List<Row> rows);

    /**
     * @param id of the example, from its content
     * @param json {@link dev.perennial.protocols.Example} in Jackson's form
     * @param source where the caller says it came from; may be empty
     */
    record Row(String id, String json, String source, Instant acceptedAt) {}
}
