package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PackedIdsTest {
    private static final String LOW = "0".repeat(32);
    private static final String MIDDLE = "7f" + "0".repeat(30);
    private static final String HIGH = "80" + "0".repeat(30);
    private static final String HIGHEST = "f".repeat(32);
    private static final TreeSet<String> IDS = new TreeSet<>(List.of(
            LOW, MIDDLE, HIGH, HIGHEST, "", "7", "a", HIGH.toUpperCase(java.util.Locale.ROOT), "F".repeat(32), "z"));

    @Test
    void holdsEachIdInTheNaturalOrder() {
        PackedIds packed = PackedIds.of(IDS);
        List<String> found = new ArrayList<>();
        packed.iterator().forEachRemaining(found::add);
        assertEquals(List.copyOf(IDS), found);
        assertEquals(IDS.size(), packed.size());
        IDS.forEach(id -> assertTrue(packed.contains(id), id));
        for (String id : List.of("0", "b", "0".repeat(31), "0".repeat(31) + "1", "e".repeat(32), "0".repeat(33))) {
            assertFalse(packed.contains(id), id);
        }
    }

    @Test
    void isWrittenInSixteenBytesAnIdAndReadBack() throws Exception {
        PackedIds packed = PackedIds.of(IDS);
        CBORMapper mapper = new CBORMapper();
        byte[] written = mapper.writeValueAsBytes(packed);
        assertEquals(packed, mapper.readValue(written, PackedIds.class));
        assertEquals(4 * 16, mapper.readTree(written).get("digests").binaryValue().length);
    }

    @Test
    void refusesWhatIsNotPackedIds() {
        ObjectMapper mapper = new ObjectMapper();
        Exception cut = assertThrows(
                Exception.class, () -> mapper.readValue("{\"digests\":\"AAAA\",\"others\":[]}", PackedIds.class));
        assertTrue(String.valueOf(cut.getMessage()).contains("expected 16 bytes an id; got 3 bytes"), cut.getMessage());
        IllegalArgumentException falling =
                assertThrows(IllegalArgumentException.class, () -> PackedIds.of(List.of(HIGH, MIDDLE)));
        assertEquals("expected rising ids; got " + MIDDLE + " after " + HIGH, falling.getMessage());
    }
}
