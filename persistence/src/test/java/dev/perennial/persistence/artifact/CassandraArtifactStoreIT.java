package dev.perennial.persistence.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.perennial.persistence.Await;
import dev.perennial.persistence.SharedCassandra;
import dev.perennial.persistence.SharedCassandra.Server;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedCassandra.class)
class CassandraArtifactStoreIT {
    private static final int CHUNK = 64 << 10;

    private final Server server;

    @TempDir
    Path directory;

    private ArtifactStore here;
    private ArtifactStore elsewhere;

    CassandraArtifactStoreIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() throws Exception {
        here = store("here");
        elsewhere = store("elsewhere");
    }

    @Test
    void anotherNodeFetchesWhatOneStored() throws Exception {
        for (int bytes : new int[] {0, 1, CHUNK, 3 * CHUNK + 5}) {
            byte[] content = content(bytes);
            String sha256 = Await.result(here.put(content));
            assertArrayEquals(content, Files.readAllBytes(Await.result(elsewhere.fetch(sha256))));
        }
    }

    @Test
    void storesFilesUnderTheSameNameAsTheirBytes() throws Exception {
        byte[] content = content(CHUNK + 1);
        Path file = Files.write(directory.resolve("adapter.zip"), content);
        String name = Await.result(here.put(file));
        assertEquals(name, Await.result(elsewhere.put(content)));
        assertTrue(Await.result(elsewhere.contains(name)));
    }

    @Test
    void nobodyFetchesWhatWasRemoved() throws Exception {
        byte[] content = content(2 * CHUNK + 1);
        String sha256 = Await.result(here.put(content));
        Await.result(here.remove(sha256));
        assertInstanceOf(ArtifactException.NotFound.class, failure(sha256));
        assertFalse(Await.result(here.contains(sha256)));
        Await.result(here.remove(sha256));

        assertEquals(sha256, Await.result(here.put(content)), "and it can be stored again");
        assertArrayEquals(content, Files.readAllBytes(Await.result(elsewhere.fetch(sha256))));
    }

    @Test
    void halfWrittenArtifactsAreInvisibleAndPutAgainCompletesThem() throws Exception {
        byte[] content = content(2 * CHUNK);
        String sha256 = Await.result(here.put(content));
        // What a put leaves that dies before its last step: chunks, and no manifest.
        delete("artifact_manifests WHERE sha256 = ?", sha256);
        delete("artifact_chunks WHERE sha256 = ? AND number = 1", sha256);
        assertFalse(Await.result(elsewhere.contains(sha256)));
        assertInstanceOf(ArtifactException.NotFound.class, failure(sha256));

        assertEquals(sha256, Await.result(here.put(content)));
        assertArrayEquals(content, Files.readAllBytes(Await.result(elsewhere.fetch(sha256))));
    }

    @Test
    void fetchesACorruptedCopyAgain() throws Exception {
        byte[] content = content(CHUNK + 7);
        String sha256 = Await.result(here.put(content));
        Path copy = Await.result(elsewhere.fetch(sha256));
        Files.writeString(copy, "bad disk");
        assertArrayEquals(content, Files.readAllBytes(Await.result(elsewhere.fetch(sha256))));
    }

    @Test
    void neverHandsOutContentThatDoesNotMatchItsName() throws Exception {
        String sha256 = Await.result(here.put(content(CHUNK + 9)));
        server.session()
                .execute(SimpleStatement.newInstance(
                        "UPDATE perennial.artifact_chunks SET data = ? WHERE sha256 = ? AND number = 1",
                        ByteBuffer.allocate(9),
                        sha256));
        assertInstanceOf(ArtifactException.Corrupt.class, failure(sha256));
        delete("artifact_chunks WHERE sha256 = ? AND number = 0", sha256);
        assertInstanceOf(ArtifactException.Corrupt.class, failure(sha256));
    }

    @Test
    void refusesWhatIsTooLarge() {
        Throwable cause = assertThrows(ExecutionException.class, () -> Await.result(here.put(content((1 << 20) + 1))))
                .getCause();
        assertInstanceOf(ArtifactException.TooLarge.class, cause);
    }

    private @Nullable Throwable failure(String sha256) {
        Throwable failure = assertThrows(ExecutionException.class, () -> Await.result(elsewhere.fetch(sha256)));
        return failure.getCause();
    }

    private void delete(String what, String sha256) {
        server.session().execute(SimpleStatement.newInstance("DELETE FROM perennial." + what, sha256));
    }

    private ArtifactStore store(String node) throws Exception {
        ArtifactSettings settings = new ArtifactSettings(directory.resolve(node), CHUNK, 1 << 20, 1L << 30);
        return Await.result(CassandraArtifactStore.open(
                server.session(), server.settings(), settings, ForkJoinPool.commonPool(), Clock.systemUTC()));
    }

    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return content;
    }
}
