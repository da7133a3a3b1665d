package dev.perennial.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.perennial.persistence.CassandraSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotSettingsTest {
    private static final Config PLUGIN = new CassandraSettings(
                    List.of("db-0:9042"), "dc1", "kept", 3, Duration.ofSeconds(4))
            .config()
            .getConfig("perennial-snapshot-store");

    @Test
    void keepsSnapshotsBesideOurOwnTables() {
        assertEquals(new SnapshotSettings("kept", 512 << 10), SnapshotSettings.from(PLUGIN));
    }

    @Test
    void namesTheSettingThatIsWrong() {
        for (String size : List.of("1023", "4194305", "many")) {
            assertWrong(
                    "part-bytes",
                    ConfigFactory.parseString("part-bytes = " + size).withFallback(PLUGIN));
        }
        assertWrong("keyspace", PLUGIN.withoutPath("keyspace"));
    }

    private static void assertWrong(String key, Config config) {
        String message = assertThrows(ConfigException.class, () -> SnapshotSettings.from(config))
                .getMessage();
        assertTrue(String.valueOf(message).contains(key), message);
    }
}
