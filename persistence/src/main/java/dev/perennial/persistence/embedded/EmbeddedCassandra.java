package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Cassandra server in a child process, bound to loopback, its data kept under a data directory.
 *
 * <p>The server is started again, on the same ports, whenever it ends unasked; requests fail meanwhile. It ends with this
 * process, even if that is killed. Acknowledged writes survive the death of either. Thread-safe.
 */
public final class EmbeddedCassandra implements AutoCloseable {
    /** What the server calls its only data centre. */
    public static final String DATACENTER = "datacenter1";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedCassandra.class);
    private static final int PORT_ATTEMPTS = 3;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration STABLE = Duration.ofMinutes(1);

    /** Hears of what happens to the server after its start; called on the supervising thread: do not block or throw. */
    public interface Listener {
        /** The server ended unasked; a restart follows. */
        default void exited(ServerExit exit) {}

        /** Clients can connect again. */
        default void restarted(Duration startTime) {}

        /** One attempt to restart failed; another follows. */
        default void restartFailed(CassandraStartException failure) {}
    }

    private final EmbeddedCassandraSettings settings;
    private final Listener listener;
    private final DataLock dataLock;
    private final Ports ports;
    private final List<String> command;
    private final Duration startTime;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread supervisor = new Thread(this::supervise, "cassandra-supervisor");
    private volatile ServerProcess server;

    private EmbeddedCassandra(
            EmbeddedCassandraSettings settings, Listener listener, DataLock dataLock, FirstStart first) {
        this.settings = settings;
        this.listener = listener;
        this.dataLock = dataLock;
        this.ports = first.ports;
        this.command = first.command;
        this.startTime = first.time;
        this.server = first.server;
        supervisor.setDaemon(true);
    }

    private record FirstStart(Ports ports, List<String> command, ServerProcess server, Duration time) {}

    public static EmbeddedCassandra start(EmbeddedCassandraSettings settings) throws InterruptedException {
        return start(settings, new Listener() {});
    }

    /**
     * Blocks until clients can connect, about 5 s.
     *
     * @throws CassandraStartException no Java 17, no jars, an unusable, full or occupied data directory, or a failed start
     */
    public static EmbeddedCassandra start(EmbeddedCassandraSettings settings, Listener listener)
            throws InterruptedException {
        DataLock lock = claim(settings);
        try {
            requireFreeSpace(settings);
            EmbeddedCassandra cassandra = new EmbeddedCassandra(settings, listener, lock, firstStart(settings));
            cassandra.supervisor.start();
            return cassandra;
        } catch (IOException e) {
            release(lock);
            throw new CassandraStartException("cannot write under " + settings.serverDirectory(), e);
        } catch (RuntimeException | InterruptedException e) {
            release(lock);
            throw e;
        }
    }

    /** Where clients connect, for the life of this instance. */
    public InetSocketAddress contactPoint() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.nativeTransport());
    }

    /** Process id of the server as it runs now; another one after a restart. */
    public long pid() {
        return server.pid();
    }

    /** How long the first start took. */
    public Duration startTime() {
        return startTime;
    }

    /** Stops the server, by force if it takes too long, and gives the data directory free. Idempotent. */
    @Override
    public void close() {
        synchronized (closing) {
            closing.countDown();
            server.stop(settings.stopTimeout());
        }
        try {
            supervisor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        release(dataLock);
    }

    private static DataLock claim(EmbeddedCassandraSettings settings) {
        try {
            Files.createDirectories(settings.serverDirectory());
            return DataLock.acquire(settings.dataDirectory());
        } catch (IOException e) {
            throw new CassandraStartException("cannot write to the data directory " + settings.dataDirectory(), e);
        }
    }

    private static void requireFreeSpace(EmbeddedCassandraSettings settings) throws IOException {
        long free = Files.getFileStore(settings.serverDirectory()).getUsableSpace();
        if (free < settings.minimumFreeBytes()) {
            throw new CassandraStartException("too little disk space for " + settings.serverDirectory() + ": "
                    + (free >> 20) + " MiB free, at least " + (settings.minimumFreeBytes() >> 20) + " MiB needed");
        }
    }

    private static void release(DataLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FirstStart firstStart(EmbeddedCassandraSettings settings) throws IOException, InterruptedException {
        Path java = Java17.find();
        ServerJars jars = ServerJars.find();
        Path directory = settings.serverDirectory();
        for (int attempt = 1; ; attempt++) {
            Ports ports = Ports.pick(new SplittableRandom());
            ServerFiles files = ServerFiles.write(directory, ports, settings.yamlOverrides());
            List<String> command = ServerCommand.of(java, jars, files, directory, settings.heapMegabytes());
            long begin = System.nanoTime();
            ServerProcess server = ServerProcess.launch(command, directory);
            try {
                server.awaitReady(settings.startTimeout());
                return new FirstStart(ports, command, server, since(begin));
            } catch (CassandraStartException e) {
                if (attempt == PORT_ATTEMPTS || !lostRaceForPort(e)) {
                    throw e;
                }
                LOG.info("a port of {} was taken meanwhile; trying others", ports);
            }
        }
    }

    private static boolean lostRaceForPort(CassandraStartException e) {
        return e.logTail().stream()
                .anyMatch(line ->
                        line.contains("Address already in use") || line.contains("is in use by another process"));
    }

    private void supervise() {
        Duration backoff = FIRST_BACKOFF;
        long readySince = System.nanoTime();
        try {
            while (true) {
                ServerExit exit = server.exited().join();
                if (closing.getCount() == 0) {
                    return;
                }
                LOG.error("Cassandra (process {}) ended with status {}; starting it again", exit.pid(), exit.status());
                listener.exited(exit);
                if (since(readySince).compareTo(STABLE) > 0) {
                    backoff = FIRST_BACKOFF;
                }
                while (!restart(backoff)) {
                    backoff = doubled(backoff);
                }
                backoff = doubled(backoff);
                readySince = System.nanoTime();
            }
        } catch (InterruptedException e) {
            LOG.debug("supervision of Cassandra ends", e);
        }
    }

    /** Whether there is no more to do: the server is up again, or we are closing. */
    private boolean restart(Duration backoff) throws InterruptedException {
        if (closing.await(backoff.toMillis(), TimeUnit.MILLISECONDS)) {
            return true;
        }
        long begin = System.nanoTime();
        try {
            synchronized (closing) {
                if (closing.getCount() == 0) {
                    return true;
                }
                server = ServerProcess.launch(command, settings.serverDirectory());
            }
            server.awaitReady(settings.startTimeout());
        } catch (CassandraStartException e) {
            if (closing.getCount() > 0) {
                LOG.error("Cassandra did not start again: {}", e.getMessage());
                listener.restartFailed(e);
            }
            return false;
        }
        Duration time = since(begin);
        LOG.info("Cassandra is back after {} ms", time.toMillis());
        listener.restarted(time);
        return true;
    }

    private static Duration doubled(Duration backoff) {
        Duration doubled = backoff.multipliedBy(2);
        return doubled.compareTo(LONGEST_BACKOFF) < 0 ? doubled : LONGEST_BACKOFF;
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
