package dev.perennial.persistence;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.perennial.persistence.embedded.EmbeddedCassandra;
import dev.perennial.persistence.embedded.EmbeddedCassandraSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the one server of the module's test run, with our tables in it. */
public final class SharedCassandra implements ParameterResolver {

    public record Server(EmbeddedCassandra cassandra, Path data, CassandraSettings settings, CqlSession session)
            implements ExtensionContext.Store.CloseableResource {
        static Server start() {
            try {
                Path data = Files.createTempDirectory("perennial-it");
                EmbeddedCassandra cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(data));
                System.out.println(
                        "embedded Cassandra ready in " + cassandra.startTime().toMillis() + " ms");
                CassandraSettings settings = CassandraSettings.embedded(cassandra.contactPoint());
                CqlSession session = Await.result(CassandraSession.open(settings));
                Await.result(Schema.create(session, settings));
                return new Server(cassandra, data, settings, session);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            session.close();
            cassandra.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Server.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .getOrComputeIfAbsent(Server.class, type -> Server.start());
    }
}
