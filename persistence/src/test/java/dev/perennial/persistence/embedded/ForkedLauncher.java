package dev.perennial.persistence.embedded;

import java.nio.file.Path;

/** A program that starts a server, prints its process id, and stays. */
final class ForkedLauncher {
    private ForkedLauncher() {}

    @SuppressWarnings("MustBeClosedChecker")
    public static void main(String[] args) throws Exception {
        EmbeddedCassandra cassandra = EmbeddedCassandra.start(EmbeddedCassandraSettings.defaults(Path.of(args[0])));
        System.out.println("server " + cassandra.pid());
        Thread.currentThread().join();
    }
}
