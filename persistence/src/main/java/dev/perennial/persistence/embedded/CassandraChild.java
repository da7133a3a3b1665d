package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Main class of the server process. {@link ServerFiles} packs it with what it uses in a jar of their own, so that
 * nothing else of ours meets the server's class path; hence no other classes are used here, and Cassandra by reflection.
 *
 * <p>Standard input is the life line: the launcher holds its other end, so it reads end-of-file as soon as the launcher is
 * gone, however that died. The server then halts at once, which costs nothing acknowledged: the commit log is on disk. Where
 * anything comes through it, the server stops in its own time.
 */
final class CassandraChild {
    /** Printed alone on a line once clients can connect. */
    static final String READY = "perennial: cassandra is ready";

    static final int EXIT_PARENT_GONE = 80;
    static final int EXIT_DATA_IN_USE = 81;

    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);

    private CassandraChild() {}

    /**
     * Runs the server for ever.
     *
     * @param args a file whose lock this process holds for life, so that two servers never share one data directory; and
     *     the directory of the commit log
     */
    public static void main(String[] args) throws Exception {
        Thread lifeLine = new Thread(CassandraChild::haltWhenParentIsGone, "parent-watch");
        lifeLine.setDaemon(true);
        lifeLine.start();
        ChildSignals.ignore("HUP", "INT", "TERM");
        try (FileChannel channel =
                FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (lock(channel) == null) {
                System.out.println("another server still holds " + args[0]);
                System.exit(EXIT_DATA_IN_USE);
            }
            CommitLogRepair.repair(Path.of(args[1]));
            Class.forName("org.apache.cassandra.service.CassandraDaemon")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
            System.out.println(READY);
            Thread.currentThread().join(); // for ever: leaving this block would give the lock away
        }
    }

    private static void haltWhenParentIsGone() {
        try {
            if (System.in.read() >= 0) {
                System.exit(0); // asked to stop: the server's shutdown hooks run
            }
        } catch (IOException e) {
            // a broken pipe says the same as its end
        }
        Runtime.getRuntime().halt(EXIT_PARENT_GONE);
    }

    /** A predecessor whose launcher was killed may need a moment to go. */
    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        long deadline = System.nanoTime() + LOCK_PATIENCE.toNanos();
        FileLock lock = channel.tryLock();
        while (lock == null && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            lock = channel.tryLock();
        }
        return lock;
    }
}
