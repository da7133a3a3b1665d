package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The completions served of late, to which feedback refers. Thread-safe. */
public final class CompletionStore {
    /** For how long feedback on a completion is accepted, unless configured otherwise. */
    public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofDays(30);

    private final CqlSession session;
    private final PreparedStatement insert;
    private final PreparedStatement select;
    private final int timeToLiveSeconds;

    private CompletionStore(
            CqlSession session, PreparedStatement insert, PreparedStatement select, int timeToLiveSeconds) {
        this.session = session;
        this.insert = insert;
        this.select = select;
        this.timeToLiveSeconds = timeToLiveSeconds;
    }

    /**
     * Needs the tables of {@link Schema}.
     *
     * @param timeToLive from one second to 20 years, Cassandra's own bound
     */
    public static CompletionStage<CompletionStore> open(
            CqlSession session, CassandraSettings settings, Duration timeToLive) {
        if (timeToLive.toSeconds() < 1 || timeToLive.toDays() > 20 * 365) {
            throw new IllegalArgumentException("timeToLive: expected 1 s to 20 years, was " + timeToLive);
        }
        String table = settings.keyspace() + ".completions";
        return session.prepareAsync("INSERT INTO " + table
                        + " (id, domain, version, request, response, served_at) VALUES (?, ?, ?, ?, ?, ?) USING TTL ?")
                .thenCombine(
                        session.prepareAsync("SELECT id, domain, version, request, response, served_at FROM " + table
                                + " WHERE id = ?"),
                        (insert, select) -> new CompletionStore(session, insert, select, (int) timeToLive.toSeconds()));
    }

    public CompletionStage<Void> put(ServedCompletion completion) {
        return session.executeAsync(insert.bind(
                        completion.id(),
                        completion.domain(),
                        completion.version(),
                        completion.requestJson(),
                        completion.responseText(),
                        completion.servedAt(),
                        timeToLiveSeconds))
                .thenAccept(result -> {});
    }

    /** Empty if there never was such a completion, or it has expired. */
    public CompletionStage<Optional<ServedCompletion>> get(String id) {
        return session.executeAsync(select.bind(id))
                .thenApply(rows -> Optional.ofNullable(rows.one()).map(CompletionStore::completion));
    }

    private static ServedCompletion completion(Row row) {
        return new ServedCompletion(
                Objects.requireNonNull(row.getString("id")),
                Objects.requireNonNull(row.getString("domain")),
                Objects.requireNonNull(row.getString("version")),
                Objects.requireNonNull(row.getString("request")),
                Objects.requireNonNull(row.getString("response")),
                Objects.requireNonNull(row.get("served_at", Instant.class)));
    }
}
