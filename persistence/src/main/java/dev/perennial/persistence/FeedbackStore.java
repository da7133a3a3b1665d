package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.util.concurrent.CompletionStage;

/** What users said of completions. Rows are kept by domain; putting one again changes nothing. Thread-safe. */
public final class FeedbackStore {
    private final CqlSession session;
    private final PreparedStatement insert;

    private FeedbackStore(CqlSession session, PreparedStatement insert) {
        this.session = session;
        this.insert = insert;
    }

    /** Needs the tables of {@link Schema}. */
    public static CompletionStage<FeedbackStore> open(CqlSession session, CassandraSettings settings) {
        return session.prepareAsync("INSERT INTO " + settings.keyspace()
                        + ".feedback (domain, id, completion_id, version, rating, correction, comment, example_id,"
                        + " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .thenApply(insert -> new FeedbackStore(session, insert));
    }

    public CompletionStage<Void> put(StoredFeedback feedback) {
        return session.executeAsync(insert.bind(
                        feedback.domain(),
                        feedback.id(),
                        feedback.completionId(),
                        feedback.version(),
                        feedback.rating(),
                        feedback.correction().orElse(null),
                        feedback.comment().orElse(null),
                        feedback.exampleId().orElse(null),
                        feedback.receivedAt()))
                .thenAccept(result -> {});
    }
}
