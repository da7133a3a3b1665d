package dev.perennial.persistence.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherPartsTest {
    @TempDir
    Path directory;

    @Test
    void portsDifferAndAreNoneThatLinuxGivesToOutgoingConnections() {
        Ports ports = Ports.pick(new SplittableRandom(7));
        Set<Integer> all = Set.of(ports.nativeTransport(), ports.storage(), ports.sslStorage());
        assertEquals(3, all.size());
        assertTrue(all.stream().allMatch(port -> port >= 20_000 && port < 32_000), all.toString());
    }

    @Test
    void yamlHasEveryPlaceFilledAndPathsQuoted() throws Exception {
        String yaml = ServerFiles.yaml(
                ServerFiles.resourceText("cassandra.yaml"),
                Path.of("/data/it's here"),
                new Ports(20_001, 20_002, 20_003),
                Map.of());
        assertTrue(yaml.contains("\nnative_transport_port: 20001\n"), yaml);
        assertTrue(yaml.contains("seeds: \"127.0.0.1:20002\""), yaml);
        assertTrue(yaml.contains("\ndata_file_directories: ['/data/it''s here/data']\n"), yaml);
        assertFalse(yaml.replace("${...}", "").contains("${"), yaml);
    }

    @Test
    void yamlOverridesReplaceOurs() {
        String yaml = ServerFiles.yaml("a: 1\nab: 2\n", directory, new Ports(1, 2, 3), Map.of("a", "9", "c", "3"));
        assertEquals("ab: 2\na: 9\nc: 3\n", yaml);
    }

    @Test
    void saysWhereItMissedTheJars() {
        CassandraStartException e =
                assertThrows(CassandraStartException.class, () -> ServerJars.find(List.of(directory)));
        assertTrue(e.toString().contains(directory.toString()), e.toString());
        assertTrue(e.toString().contains("perennial.cassandra.lib"), e.toString());
    }

    @Test
    void aDataDirectoryIsLockedOncePerProcessToo() throws Exception {
        DataLock held = DataLock.acquire(directory);
        CassandraStartException e = assertThrows(CassandraStartException.class, () -> DataLock.acquire(directory));
        assertTrue(e.toString().endsWith("process " + ProcessHandle.current().pid()), e.toString());
        held.close();
        DataLock.acquire(directory).close();
    }
}
