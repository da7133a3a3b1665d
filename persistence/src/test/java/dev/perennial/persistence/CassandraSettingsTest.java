package dev.perennial.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CassandraSettingsTest {
    private static final CassandraSettings CLUSTER =
            new CassandraSettings(List.of("db-0:9042", "db-1:9042"), "dc1", "perennial", 3, Duration.ofSeconds(4));

    @Test
    void tellsTheDriverWhereTheDatabaseIs() {
        Config driver = CLUSTER.config().getConfig("datastax-java-driver");
        assertEquals(List.of("db-0:9042", "db-1:9042"), driver.getStringList("basic.contact-points"));
        assertEquals("dc1", driver.getString("basic.load-balancing-policy.local-datacenter"));
        assertEquals(Duration.ofSeconds(4), driver.getDuration("basic.request.timeout"));
        assertTrue(driver.getBoolean("advanced.reconnect-on-init"));
        assertTrue(driver.getDuration("advanced.reconnection-policy.max-delay").compareTo(Duration.ofSeconds(2)) <= 0);
    }

    @Test
    void replicatesTheJournalLikeOurOwnTables() {
        Config journal = CLUSTER.config().getConfig("pekko.persistence.cassandra.journal");
        assertEquals("perennial_journal", journal.getString("keyspace"));
        assertEquals("NetworkTopologyStrategy", journal.getString("replication-strategy"));
        assertEquals(List.of("dc1:3"), journal.getStringList("data-center-replication-factors"));
    }

    @Test
    void tellsTheDriverWhoWeAreAndNobodyElse() {
        CassandraSettings known = new CassandraSettings(
                CLUSTER.contactPoints(),
                CLUSTER.localDatacenter(),
                CLUSTER.keyspace(),
                CLUSTER.replicationFactor(),
                CLUSTER.requestTimeout(),
                Optional.of(new CassandraSettings.Credentials("perennial", "s3cret")));
        Config auth = known.config().getConfig("datastax-java-driver.advanced.auth-provider");
        assertEquals("PlainTextAuthProvider", auth.getString("class"));
        assertEquals("perennial", auth.getString("username"));
        assertEquals("s3cret", auth.getString("password"));
        assertFalse(known.toString().contains("s3cret"), known.toString());
        assertFalse(CLUSTER.config().hasPath("datastax-java-driver.advanced.auth-provider"));
    }

    @Test
    void namesTheSettingThatIsWrong() {
        assertWrong("contactPoints", List.of(), "dc1", "perennial", 1, Duration.ofSeconds(1));
        assertWrong("contactPoints", List.of("db-0"), "dc1", "perennial", 1, Duration.ofSeconds(1));
        assertWrong("localDatacenter", List.of("db-0:1"), " ", "perennial", 1, Duration.ofSeconds(1));
        assertWrong("keyspace", List.of("db-0:1"), "dc1", "x; DROP", 1, Duration.ofSeconds(1));
        assertWrong("replicationFactor", List.of("db-0:1"), "dc1", "perennial", 0, Duration.ofSeconds(1));
        assertWrong("requestTimeout", List.of("db-0:1"), "dc1", "perennial", 1, Duration.ZERO);
    }

    private static void assertWrong(
            String setting, List<String> points, String datacenter, String keyspace, int factor, Duration timeout) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new CassandraSettings(points, datacenter, keyspace, factor, timeout));
        assertTrue(e.toString().contains(" " + setting + ":"), e.toString());
    }
}
