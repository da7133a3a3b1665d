package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.stream.StreamSupport;

/** The addresses of the nodes that work with this database now, as each says again and again. */
public final class MemberRegistry {
    private static final String LIST = "all";

    private final CqlSession session;
    private final PreparedStatement insert;
    private final PreparedStatement select;

    private MemberRegistry(CqlSession session, PreparedStatement insert, PreparedStatement select) {
        this.session = session;
        this.insert = insert;
        this.select = select;
    }

    /** Needs the tables of {@link Schema}. */
    public static CompletionStage<MemberRegistry> open(CqlSession session, CassandraSettings settings) {
        String table = settings.keyspace() + ".members";
        return session.prepareAsync("INSERT INTO " + table + " (list, address) VALUES (?, ?) USING TTL ?")
                .thenCombine(
                        session.prepareAsync("SELECT address FROM " + table + " WHERE list = ?"),
                        (insert, select) -> new MemberRegistry(session, insert, select));
    }

    /** @param time for which it holds, in whole seconds, at least 1 */
    public CompletionStage<Void> atWork(String address, Duration time) {
        return session.executeAsync(insert.bind(LIST, address, Math.toIntExact(time.toSeconds())))
                .thenAccept(result -> {});
    }

    /** Those that are, but for one, in the order of their names; a cluster has no more than a page of them. */
    public CompletionStage<List<String>> othersThan(String address) {
        return session.executeAsync(select.bind(LIST))
                .thenApply(page -> StreamSupport.stream(page.currentPage().spliterator(), false)
                        .map(row -> Objects.requireNonNull(row.getString("address")))
                        .filter(other -> !other.equals(address))
                        .toList());
    }
}
