package dev.perennial.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The database.
 *
 * @param contactPoints nodes of an existing one, {@code host:port}; empty where one is started here
 * @param requestTimeout after which a request that got no answer fails
 * @param credentials directory of the files {@code username} and {@code password}; empty where the database asks for none
 */
public record CassandraSettings(
        List<String> contactPoints,
        String localDatacenter,
        String keyspace,
        int replicationFactor,
        Duration requestTimeout,
        Optional<Path> credentials) {
    private static final Pattern KEYSPACE = Pattern.compile("[a-z][a-z0-9_]{0,35}");

    public CassandraSettings {
        contactPoints = List.copyOf(contactPoints);
    }

    static CassandraSettings from(Section section) {
        String keyspace = section.text("keyspace");
        if (!KEYSPACE.matcher(keyspace).matches()) {
            throw new SettingsException(section.path()
                    + ".keyspace is 1 to 36 of a-z, 0-9 and _, beginning with a letter; got " + keyspace);
        }
        return new CassandraSettings(
                HostAndPort.list(section, "contact-points"),
                section.text("local-datacenter"),
                keyspace,
                section.integer("replication-factor", 1, 100),
                section.duration("request-timeout", Duration.ofMillis(10), Duration.ofHours(1)),
                section.optionalPath("credentials"));
    }
}
