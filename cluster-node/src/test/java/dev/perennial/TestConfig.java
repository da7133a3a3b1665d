package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;

/** The program's serialization over an in-memory journal and hand-moved time. */
public final class TestConfig {
    private TestConfig() {}

    public static Config create() {
        return ConfigFactory.parseResources("protocols.conf")
                .withFallback(ConfigFactory.parseString("pekko.loglevel = WARNING"))
                .withFallback(ManualTime.config())
                .withFallback(EventSourcedBehaviorTestKit.config())
                .withFallback(ConfigFactory.defaultReferenceUnresolved())
                .resolve();
    }
}
