package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which process holds the other end of a TCP connection on this machine, as Linux tells it in {@code /proc}. */
final class SocketOwners {
    private static final int LOCAL_ADDRESS = 1;
    private static final int REMOTE_ADDRESS = 2;
    private static final int INODE = 9;

    private SocketOwners() {}

    /**
     * @param localPort of the process's end
     * @param remotePort of our end
     * @param candidates process ids
     */
    static Optional<Long> find(int localPort, int remotePort, List<Long> candidates) {
        try {
            Optional<String> inode = inode(localPort, remotePort);
            if (inode.isPresent()) {
                for (long pid : candidates) {
                    if (holds(pid, "socket:[" + inode.get() + "]")) {
                        return Optional.of(pid);
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new SimulationException("cannot read /proc, which partitions need: " + e.getMessage());
        }
    }

    /** A socket of a JVM is one of IPv4, or of IPv6 with an IPv4 address in it. */
    private static Optional<String> inode(int localPort, int remotePort) throws IOException {
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            if (Files.exists(Path.of(table))) {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] fields = line.strip().split("\\s+", -1);
                    if (fields.length > INODE
                            && port(fields[LOCAL_ADDRESS]) == localPort
                            && port(fields[REMOTE_ADDRESS]) == remotePort) {
                        return Optional.of(fields[INODE]);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static int port(String address) {
        int colon = address.lastIndexOf(':');
        return colon < 0 || address.length() - colon > 5 ? -1 : Integer.parseInt(address.substring(colon + 1), 16);
    }

    private static boolean holds(long pid, String socket) throws IOException {
        Path descriptors = Path.of("/proc", Long.toString(pid), "fd");
        if (!Files.isDirectory(descriptors)) {
            return false;
        }
        try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : open) {
                if (target(descriptor).equals(socket)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
