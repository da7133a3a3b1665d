package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.typesafe.config.ConfigRenderOptions;
import java.util.concurrent.CompletionStage;

/** Opens sessions that are set up like the journal's own. */
public final class CassandraSession {
    private CassandraSession() {}

    /** Completes once connected; while the database is away it keeps trying, for as long as that takes. */
    public static CompletionStage<CqlSession> open(CassandraSettings settings) {
        String driver =
                settings.config().withOnlyPath("datastax-java-driver").root().render(ConfigRenderOptions.concise());
        return CqlSession.builder()
                .withConfigLoader(DriverConfigLoader.fromString(driver))
                .buildAsync();
    }
}
