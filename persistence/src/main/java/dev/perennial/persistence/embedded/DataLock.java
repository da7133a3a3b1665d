package dev.perennial.persistence.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Exclusive use of a data directory: a lock on a file, which ends with the process, however that ends. */
final class DataLock implements AutoCloseable {
    // A POSIX lock belongs to the process, and closing ANY descriptor of the file gives it up. A second attempt within
    // this JVM must therefore be turned away before it opens the file, so what this JVM holds is known JVM-wide.
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DataLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Locks {@code directory/cassandra.lock} and writes our process id there, for others to name. */
    static DataLock acquire(Path directory) throws IOException {
        Path file = directory.toRealPath().resolve("cassandra.lock");
        if (!HELD_HERE.add(file)) {
            throw inUse(directory, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(directory, Files.readString(file).strip());
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return new DataLock(file, channel);
        } catch (IOException | RuntimeException e) {
            HELD_HERE.remove(file);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    private static CassandraStartException inUse(Path directory, String pid) {
        return new CassandraStartException(
                "the data directory " + directory + " is in use by another instance, process " + pid);
    }

    /** The file stays: deleting it could take the lock file from under a successor. */
    @Override
    public void close() throws IOException {
        channel.close();
        HELD_HERE.remove(file);
    }
}
