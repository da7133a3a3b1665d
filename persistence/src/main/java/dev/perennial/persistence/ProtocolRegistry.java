package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.concurrent.CompletionStage;

/** The protocol versions in whose forms the journal may have been written. None is ever taken back. */
public final class ProtocolRegistry {
    private static final String LIST = "all";

    private final CqlSession session;
    private final PreparedStatement insert;
    private final PreparedStatement select;

    private ProtocolRegistry(CqlSession session, PreparedStatement insert, PreparedStatement select) {
        this.session = session;
        this.insert = insert;
        this.select = select;
    }

    /** Needs the tables of {@link Schema}. */
    public static CompletionStage<ProtocolRegistry> open(CqlSession session, CassandraSettings settings) {
        String table = settings.keyspace() + ".protocols";
        return session.prepareAsync("INSERT INTO " + table + " (list, version) VALUES (?, ?)")
                .thenCombine(
                        session.prepareAsync("SELECT max(version) FROM " + table + " WHERE list = ?"),
                        (insert, select) -> new ProtocolRegistry(session, insert, select));
    }

    /** To be done before the first form of that version is written. Recording a version again changes nothing. */
    public CompletionStage<Void> record(int version) {
        return session.executeAsync(insert.bind(LIST, version)).thenAccept(result -> {});
    }

    /** The largest that was recorded; 0 where none was. */
    public CompletionStage<Integer> newest() {
        return session.executeAsync(select.bind(LIST)).thenApply(result -> {
            Row row = result.one();
            return row == null || row.isNull(0) ? 0 : row.getInt(0);
        });
    }
}
