package dev.perennial.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.perennial.protocols.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
    @Test
    void defaultsAreRead() {
        Settings settings = read("");
        assertEquals(Path.of("data"), settings.data());
        assertEquals(Optional.empty(), settings.base());
        assertEquals("127.0.0.1", settings.http().host());
        assertEquals(8080, settings.http().port());
        assertEquals(1L << 30, settings.http().maxUpload());
        assertEquals(1 << 20, settings.http().maxLine());
        assertEquals(Duration.ofMillis(250), settings.http().eventsInterval());
        assertEquals(500, settings.intake().batchExamples());
        assertEquals(Duration.ofSeconds(10), settings.scheduler().leaseTimeout());
        assertEquals(Optional.empty(), settings.scheduler().budgets().of("default"));
        assertEquals(
                new CassandraSettings(
                        List.of(), "datacenter1", "perennial", 1, Duration.ofSeconds(5), Optional.empty()),
                settings.cassandra());
    }

    @Test
    void whatIsConfiguredWins() {
        Settings settings = read("base = /models/llama, http.port = 0, http.max-line = 2 KiB, engine.threads = 3"
                + ", cassandra.contact-points = [\"10.0.0.5:9042\", \"[::1]:9043\"]");
        assertEquals(Optional.of(Path.of("/models/llama")), settings.base());
        assertEquals(0, settings.http().port());
        assertEquals(2048, settings.http().maxLine());
        assertEquals(3, settings.engine().threads());
        assertEquals(
                List.of("10.0.0.5:9042", "[::1]:9043"), settings.cassandra().contactPoints());
    }

    @Test
    void aNodeAloneHasAllRolesOnLoopback() {
        ClusterSettings alone = read("").cluster();
        assertEquals(Set.of(NodeRole.values()), alone.roles());
        assertEquals("127.0.0.1", alone.host());
        assertEquals(Optional.empty(), alone.bindHost());
        assertFalse(alone.joinsOthers());
    }

    @Test
    void aNodeWithARoleKnowsWhetherItNeedsAModelAndWhomItJoins() {
        ClusterSettings api = read("cluster { roles = [api], port = 7355, seeds = [\"node-0:7355\", \"node-1:7355\"] }")
                .cluster();
        assertFalse(api.computes());
        assertTrue(api.joinsOthers());
        ClusterSettings founder =
                read("cluster { host = node-0, bind-host = 0.0.0.0, roles = [domain, serving], port = 7355"
                                + ", seeds = [\"node-0:7355\"] }")
                        .cluster();
        assertTrue(founder.computes());
        assertFalse(founder.joinsOthers());
        assertEquals(Optional.of("0.0.0.0"), founder.bindHost());
    }

    @Test
    void aNodeSpeaksWhatItsBuildDoesUnlessItIsHeldBack() {
        assertEquals(ProtocolVersion.SPOKEN, read("").cluster().protocol());
        assertEquals(
                new ProtocolVersion(1), read("cluster.protocol = 1").cluster().protocol());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http.prot = 80 | perennial.http.prot is not a setting | max-body",
                "htpp.port = 80 | perennial.htpp is not a setting | cassandra, clock-offset-file, cluster, data, engine, http",
                "http = 80 | perennial.http is a section, not a value | test",
                "http.port = eighty | perennial.http.port is an integer from 0 to 65535; got \"eighty\" | test",
                "cluster.roles = [api, cook] | perennial.cluster.roles is a list of api, domain, trainer, serving; got cook | trainer",
                "cluster.roles = [] | perennial.cluster.roles is a list of at least one of api, domain | trainer",
                "cluster.roles = [api] | perennial.cluster.roles has no domain | set perennial.cluster.seeds",
                "cluster.seeds = [\"a:7355\"] | perennial.cluster.port is 0, any free one | known",
                "cluster.protocol = 99 | perennial.cluster.protocol is an integer from 0 to | got 99",
                "cluster.seeds = [\"a\"] | perennial.cluster.seeds is a list of host:port | got a",
                "http.port = 65536 | perennial.http.port is an integer from 0 to 65535; got 65536 | test",
                "http.port = null | perennial.http.port is not set | integer",
                "http.host = \"\" | perennial.http.host is text that is not empty | test",
                "http.ask-timeout = soon | perennial.http.ask-timeout is a duration | as in 10 s",
                "http.ask-timeout = 0 s | perennial.http.ask-timeout is a duration from 10 ms | test",
                "http.max-body = 1 B | perennial.http.max-body is a size from 1024 | as in 8 MiB",
                "cassandra.contact-points = [localhost] | perennial.cassandra.contact-points is a list of host:port | localhost",
                "cassandra.keyspace = Nope | perennial.cassandra.keyspace is 1 to 36 of a-z | Nope",
                "scheduler.daily-budgets = [acme] | perennial.scheduler.daily-budgets is a list of TENANT=SECONDS, as in acme=36000 | acme",
                "training.isolation = jail | perennial.training.isolation is one of thread, process; got \"jail\" | test",
                "training.heartbeat-interval = 4 s | at most a third of perennial.scheduler.lease-timeout | 4000 ms and 10000 ms",
                "scheduler.max-attempts = 0 | perennial.scheduler.max-attempts is an integer from 1 | test",
            })
    void unknownOrBadKeyIsNamed(String line, String message, String more) {
        SettingsException failure = assertThrows(SettingsException.class, () -> read(line));
        assertTrue(String.valueOf(failure.getMessage()).contains(message), failure.getMessage());
        assertTrue(String.valueOf(failure.getMessage()).contains(more), failure.getMessage());
    }

    @Test
    void mistakeInASystemPropertyIsNamedToo() {
        System.setProperty("perennial.http.prot", "80");
        ConfigFactory.invalidateCaches();
        try {
            SettingsException failure = assertThrows(SettingsException.class, () -> read(""));
            assertTrue(String.valueOf(failure.getMessage()).contains("perennial.http.prot"), failure.getMessage());
        } finally {
            System.clearProperty("perennial.http.prot");
            ConfigFactory.invalidateCaches();
        }
    }

    @Test
    void everyConcernIsIncluded() {
        Config config = ConfigFactory.load();
        assertEquals("cluster", config.getString("pekko.actor.provider"));
        assertEquals(8L << 20, config.getBytes("pekko.remote.artery.advanced.maximum-frame-size"));
        assertEquals(
                "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider",
                config.getString("pekko.cluster.downing-provider-class"));
        assertEquals("off", config.getString("pekko.cluster.jmx.enabled"));
        assertEquals("infinite", config.getString("pekko.http.server.request-timeout"));
        assertEquals(1, config.getInt("perennial-dispatchers.generation.thread-pool-executor.fixed-pool-size"));
        assertEquals("off", config.getString("pekko.actor.allow-java-serialization"));
    }

    private static Settings read(String settings) {
        Config config = ConfigFactory.parseString(
                "perennial {" + settings + "}", ConfigParseOptions.defaults().setOriginDescription("test"));
        return Settings.from(config.withFallback(ConfigFactory.load()).resolve());
    }
}
