package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The names of all domains, which no single entity knows. A name is registered before its domain is created. */
public final class DomainRegistry {
    private static final String LIST = "all";

    private final CqlSession session;
    private final PreparedStatement insert;
    private final PreparedStatement select;

    private DomainRegistry(CqlSession session, PreparedStatement insert, PreparedStatement select) {
        this.session = session;
        this.insert = insert;
        this.select = select;
    }

    /** Needs the tables of {@link Schema}. */
    public static CompletionStage<DomainRegistry> open(CqlSession session, CassandraSettings settings) {
        String table = settings.keyspace() + ".domains";
        return session.prepareAsync("INSERT INTO " + table + " (list, id) VALUES (?, ?)")
                .thenCombine(
                        session.prepareAsync("SELECT id FROM " + table + " WHERE list = ?"),
                        (insert, select) -> new DomainRegistry(session, insert, select));
    }

    /** Registering a name again changes nothing. */
    public CompletionStage<Void> register(String id) {
        return session.executeAsync(insert.bind(LIST, id)).thenAccept(result -> {});
    }

    /** In the order of the names. */
    public CompletionStage<List<String>> list() {
        return session.executeAsync(select.bind(LIST)).thenCompose(page -> collect(page, new ArrayList<>()));
    }

    private static CompletionStage<List<String>> collect(AsyncResultSet page, List<String> names) {
        for (Row row : page.currentPage()) {
            names.add(Objects.requireNonNull(row.getString("id")));
        }
        return page.hasMorePages()
                ? page.fetchNextPage().thenCompose(next -> collect(next, names))
                : CompletableFuture.completedFuture(names);
    }
}
