package dev.perennial.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the database is and how it is used, by our own stores and by the journal alike.
 *
 * @param contactPoints {@code host:port}, at least one
 * @param keyspace lower case, digits and underscores, at most 36 characters; the journal gets a keyspace of its own, named
 *     after it
 * @param replicationFactor copies of each row in the local data centre
 * @param requestTimeout after which a request that got no answer fails
 * @param credentials empty for a database that asks for none
 */
public record CassandraSettings(
        List<String> contactPoints,
        String localDatacenter,
        String keyspace,
        int replicationFactor,
        Duration requestTimeout,
        Optional<Credentials> credentials) {
    /** A role of the database. The password stays out of whatever is printed. */
    public record Credentials(String username, String password) {
        @Override
        public String toString() {
            return "Credentials[username=" + username + "]";
        }
    }

    private static final Pattern CONTACT_POINT = Pattern.compile("\\S+:[1-9][0-9]{0,4}");
    // Cassandra allows 48 characters, of which the journal's suffix takes 8.
    private static final Pattern KEYSPACE = Pattern.compile("[a-z][a-z0-9_]{0,35}");

    public CassandraSettings {
        contactPoints = List.copyOf(contactPoints);
        if (contactPoints.isEmpty()) {
            throw new IllegalArgumentException("contactPoints: expected at least one host:port");
        }
        contactPoints.forEach(point -> requireMatch("contactPoints", CONTACT_POINT, point));
        requireMatch("keyspace", KEYSPACE, keyspace);
        if (localDatacenter.isBlank()) {
            throw new IllegalArgumentException("localDatacenter: expected a name");
        }
        if (replicationFactor < 1) {
            throw new IllegalArgumentException("replicationFactor: expected at least 1, was " + replicationFactor);
        }
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("requestTimeout: expected a positive time, was " + requestTimeout);
        }
    }

    /** Of a database that asks for no credentials. */
    public CassandraSettings(
            List<String> contactPoints,
            String localDatacenter,
            String keyspace,
            int replicationFactor,
            Duration requestTimeout) {
        this(contactPoints, localDatacenter, keyspace, replicationFactor, requestTimeout, Optional.empty());
    }

    /** For the server that this process started itself: one copy, keyspace {@code perennial}, requests fail after 5 s. */
    public static CassandraSettings embedded(InetSocketAddress contactPoint) {
        return new CassandraSettings(
                List.of(contactPoint.getHostString() + ":" + contactPoint.getPort()),
                EmbeddedCassandra.DATACENTER,
                "perennial",
                1,
                Duration.ofSeconds(5));
    }

    public String journalKeyspace() {
        return keyspace + "_journal";
    }

    /**
     * {@code persistence.conf} with these settings laid over it: the sections {@code datastax-java-driver},
     * {@code pekko.persistence} and {@code perennial-snapshot-store}. Give it to the actor system above its other configuration.
     */
    public Config config() {
        Map<String, Object> values = new HashMap<>();
        String driver = "datastax-java-driver.";
        values.put(driver + "basic.contact-points", contactPoints);
        values.put(driver + "basic.load-balancing-policy.local-datacenter", localDatacenter);
        values.put(driver + "basic.request.timeout", requestTimeout);
        credentials.ifPresent(known -> {
            values.put(driver + "advanced.auth-provider.class", "PlainTextAuthProvider");
            values.put(driver + "advanced.auth-provider.username", known.username());
            values.put(driver + "advanced.auth-provider.password", known.password());
        });
        String journal = "pekko.persistence.cassandra.journal.";
        values.put(journal + "keyspace", journalKeyspace());
        values.put(journal + "replication-strategy", "NetworkTopologyStrategy");
        values.put(journal + "data-center-replication-factors", List.of(localDatacenter + ":" + replicationFactor));
        values.put("perennial-snapshot-store.keyspace", keyspace);
        return ConfigFactory.parseMap(values, "CassandraSettings")
                .withFallback(
                        ConfigFactory.parseResources(CassandraSettings.class.getClassLoader(), "persistence.conf"));
    }

    private static void requireMatch(String name, Pattern pattern, String value) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(name + ": expected " + pattern + ", was '" + value + "'");
        }
    }
}
