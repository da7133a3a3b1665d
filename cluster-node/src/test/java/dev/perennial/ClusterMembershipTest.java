package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.CoordinatedShutdown$;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class ClusterMembershipTest {
    private static final CoordinatedShutdown$ SHUTDOWN = CoordinatedShutdown$.MODULE$;

    @Test
    void aNodeLeavesOnceItsDomainsHaveSettledElsewhere() {
        Config config = ConfigFactory.parseResources("cluster.conf")
                .withFallback(ConfigFactory.defaultReferenceUnresolved())
                .resolve();
        List<String> phases = CollectionConverters.asJava(
                SHUTDOWN.topologicalSort(SHUTDOWN.phasesFromConfig(config.getConfig("pekko.coordinated-shutdown"))));
        int settle = phases.indexOf(ClusterMembership.PHASE_DOMAINS_SETTLE);
        assertTrue(
                phases.indexOf(CoordinatedShutdown.PhaseClusterShardingShutdownRegion()) < settle
                        && settle < phases.indexOf(CoordinatedShutdown.PhaseClusterLeave()),
                phases::toString);
    }
}
