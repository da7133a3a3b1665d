package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Our tables. Creating them is idempotent, and safe when several nodes do it at once: each table's id follows from its name,
 * so two concurrent creations are the same table, where ids drawn at random would leave the servers with two schemas.
 */
public final class Schema {
    // Changes to the schema are slow on a busy machine, whatever the timeout of requests is.
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private record Table(String name, String columns, String options) {
        Table(String name, String columns) {
            this(name, columns, "");
        }
    }

    // Buckets keep partitions small: at a million examples of 2 KB in one domain, 8 MB each.
    private static final List<Table> TABLES = List.of(
            new Table(
                    "examples",
                    "domain text, bucket smallint, id text, body text, accepted_at timestamp, source text, "
                            + "PRIMARY KEY ((domain, bucket), id)"),
            new Table(
                    "completions",
                    "id text PRIMARY KEY, domain text, version text, request text, response text, served_at timestamp"),
            new Table(
                    "feedback",
                    "domain text, id text, completion_id text, version text, rating text, correction text, "
                            + "comment text, example_id text, received_at timestamp, PRIMARY KEY (domain, id)"),
            // One partition: names of domains are few and small.
            new Table("domains", "list text, id text, PRIMARY KEY (list, id)"),
            new Table("protocols", "list text, version int, PRIMARY KEY (list, version)"),
            new Table("members", "list text, address text, PRIMARY KEY (list, address)"),
            new Table(
                    "artifact_manifests", "sha256 text PRIMARY KEY, size bigint, chunk_bytes int, stored_at timestamp"),
            new Table("artifact_chunks", "sha256 text, number int, data blob, PRIMARY KEY ((sha256, number))"),
            // Loads read past what is left of deleted headers. One that came back after a day would do no harm.
            new Table(
                    "snapshots",
                    "persistence_id text, sequence_nr bigint, save timeuuid, created timestamp, bytes int, parts int, "
                            + "crc32c bigint, serializer_id int, manifest text, complete boolean, "
                            + "PRIMARY KEY (persistence_id, sequence_nr, save)",
                    " AND CLUSTERING ORDER BY (sequence_nr DESC, save DESC) AND gc_grace_seconds = 86400"),
            new Table(
                    "snapshot_parts",
                    "persistence_id text, sequence_nr bigint, save timeuuid, part int, data blob, "
                            + "PRIMARY KEY ((persistence_id, sequence_nr, save, part))"));

    /** Of the tables that Pekko's journal makes, one after the other, the last. */
    private static final String LAST_OF_JOURNAL = "all_persistence_ids";

    private Schema() {}

    /** Whether they and those of the journal are all there, as far as the session has heard. */
    public static boolean exists(CqlSession session, CassandraSettings settings) {
        return TABLES.stream().allMatch(table -> exists(session, settings.keyspace(), table.name))
                && exists(session, settings.journalKeyspace(), LAST_OF_JOURNAL);
    }

    private static boolean exists(CqlSession session, String keyspace, String table) {
        return session.getMetadata()
                .getKeyspace(keyspace)
                .flatMap(found -> found.getTable(table))
                .isPresent();
    }

    /** Completes when every server knows the keyspace and its tables. */
    public static CompletionStage<Void> create(CqlSession session, CassandraSettings settings) {
        String keyspace = settings.keyspace();
        CompletionStage<Void> done = execute(
                session,
                "CREATE KEYSPACE IF NOT EXISTS %s WITH replication = {'class': 'NetworkTopologyStrategy', '%s': %d}"
                        .formatted(
                                keyspace, settings.localDatacenter().replace("'", "''"), settings.replicationFactor()));
        for (Table table : TABLES) {
            String statement = "CREATE TABLE IF NOT EXISTS %s.%s (%s) WITH id = %s%s"
                    .formatted(keyspace, table.name, table.columns, tableId(keyspace, table.name), table.options);
            done = done.thenCompose(previous -> execute(session, statement));
        }
        return done.thenCompose(previous -> session.checkSchemaAgreementAsync())
                .thenCompose(agreed -> agreed
                        ? CompletableFuture.completedStage(null)
                        : CompletableFuture.failedStage(
                                new IllegalStateException("the servers do not agree on the schema of " + keyspace)));
    }

    private static CompletionStage<Void> execute(CqlSession session, String statement) {
        return session.executeAsync(SimpleStatement.newInstance(statement).setTimeout(TIMEOUT))
                .thenAccept(result -> {});
    }

    private static UUID tableId(String keyspace, String table) {
        return UUID.nameUUIDFromBytes((keyspace + "." + table).getBytes(StandardCharsets.UTF_8));
    }
}
