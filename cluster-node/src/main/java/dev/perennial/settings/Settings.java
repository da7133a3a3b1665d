package dev.perennial.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.perennial.domain.SchedulerSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All of the {@code perennial} tree.
 *
 * @param data directory of what this machine keeps
 * @param base directory of the base model; empty for the embedded one
 * @param clockOffsetFile how far the clock is off; empty where it is the machine's
 */
public record Settings(
        Path data,
        Optional<Path> base,
        Optional<Path> clockOffsetFile,
        ClusterSettings cluster,
        HttpSettings http,
        IntakeSettings intake,
        EngineSettings engine,
        TrainingSettings training,
        SchedulerSettings scheduler,
        ServingSettings serving,
        CassandraSettings cassandra) {
    private static final String ROOT = "perennial";

    public Settings {
        if (training.heartbeatInterval().compareTo(scheduler.heartbeat()) > 0) {
            throw new SettingsException("perennial.training.heartbeat-interval is at most a third of"
                    + " perennial.scheduler.lease-timeout, or leases end while their trainers work; got "
                    + training.heartbeatInterval().toMillis() + " ms and "
                    + scheduler.leaseTimeout().toMillis() + " ms");
        }
    }

    /**
     * @param config resolved, with the references as its last fallback, as {@link ConfigFactory#load()} gives it
     * @throws SettingsException naming the first key that is unknown or bad
     */
    public static Settings from(Config config) {
        // Not defaultReference(), which holds the system properties too and so would know every mistake made in them.
        Config known = ConfigFactory.parseResources("reference.conf").resolve();
        KnownKeys.check(config.getConfig(ROOT).root(), known.getConfig(ROOT).root(), ROOT);
        Section root = new Section(config, ROOT);
        return new Settings(
                root.path("data"),
                root.optionalPath("base"),
                root.optionalPath("clock-offset-file"),
                ClusterSettings.from(root.section("cluster")),
                HttpSettings.from(root.section("http")),
                IntakeSettings.from(root.section("intake")),
                EngineSettings.from(root.section("engine")),
                TrainingSettings.from(root.section("training")),
                SchedulerSection.read(root.section("scheduler")),
                ServingSettings.from(root.section("serving")),
                CassandraSettings.from(root.section("cassandra")));
    }
}
