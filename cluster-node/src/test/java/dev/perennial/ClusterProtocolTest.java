package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.protocols.ProtocolVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClusterProtocolTest {
    @Test
    void aClusterSpeaksWhatTheOldestOfItsNodesDoes() {
        assertEquals(2, ClusterProtocol.spokenByAll(List.of("3.0.0", "2.0.0", "10.0.0")));
        assertEquals(0, ClusterProtocol.spokenByAll(List.of("3.0.0", "0.0.0")));
        assertEquals(0, ClusterProtocol.spokenByAll(List.of()));
    }

    @Test
    void readsWhatItAnnounces() {
        ProtocolVersion version = new ProtocolVersion(12);
        assertEquals(version, ProtocolVersion.announced(version.announcement()));
        assertThrows(IllegalArgumentException.class, () -> ProtocolVersion.announced("next"));
    }
}
