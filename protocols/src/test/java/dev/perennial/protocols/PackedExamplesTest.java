package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PackedExamplesTest {
    private static final String ID = "00ff".repeat(8);
    private static final String OTHER = "a1b2".repeat(8);
    private static final String ASKED = "0123456789abcdef";
    private static final String ANSWERED = "fedcba9876543210";

    private static final SortedMap<Long, ExampleRef> EXAMPLES = new TreeMap<>();

    static {
        EXAMPLES.put(0L, new ExampleRef(ID, 1, ExampleUse.TRAIN, false));
        EXAMPLES.put(
                127L,
                new ExampleRef(
                        OTHER,
                        64,
                        ExampleUse.EVALUATE,
                        true,
                        Optional.of(ASKED),
                        Optional.of(ANSWERED),
                        Optional.of("wiki"),
                        Optional.of(ID)));
        EXAMPLES.put(
                1L << 40,
                new ExampleRef(
                        "a name of its own",
                        Integer.MAX_VALUE,
                        ExampleUse.TRAIN,
                        true,
                        Optional.of(ASKED.toUpperCase(java.util.Locale.ROOT)),
                        Optional.of(""),
                        Optional.of("wiki"),
                        Optional.of("Ω")));
    }

    @Test
    void areReadBackAsTheyWereWrittenWhateverTheirNamesAre() throws Exception {
        PackedExamples packed = new PackedExamples(EXAMPLES);
        CBORMapper mapper = new CBORMapper();
        PackedExamples read = mapper.readValue(mapper.writeValueAsBytes(packed), PackedExamples.class);
        assertEquals(packed, read);
        assertEquals(EXAMPLES, read.byNumber());
        assertEquals(
                new TreeMap<>(),
                PackedExamples.unpack(new PackedExamples(new TreeMap<>()).pack())
                        .byNumber());
    }

    @Test
    void takeSome40BytesEach() {
        SortedMap<Long, ExampleRef> many = new TreeMap<>();
        for (long number = 0; number < 1_000; number++) {
            many.put(
                    number,
                    new ExampleRef(
                            ID,
                            80,
                            ExampleUse.TRAIN,
                            true,
                            Optional.of(ASKED),
                            Optional.of(ANSWERED),
                            Optional.empty()));
        }
        assertEquals(41, new PackedExamples(many).pack().length / many.size());
    }

    @Test
    void refuseBytesThatAreNoExamples() {
        byte[] packed = new PackedExamples(EXAMPLES).pack();
        for (int length = 0; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThrows(IllegalArgumentException.class, () -> PackedExamples.unpack(cut), "first " + length);
        }
        byte[] longer = Arrays.copyOf(packed, packed.length + 2);
        assertTrue(message(longer).contains("expected no more examples; got 2 more bytes"), () -> message(longer));
        byte[] endless = new byte[10];
        Arrays.fill(endless, (byte) -1);
        byte[] negative = {1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
        byte[] far = {0, 1, 0, 2, -1, -1, -1, -1, -1, -1, -1, -1, 127};
        for (byte[] other : List.of(
                new byte[] {0, 1, 0, 2, 0, 1},
                new byte[] {1, 5, 'T', 'R', 'A', 'I', 'N', 1, 0, 2, 0, 9},
                endless,
                negative,
                far)) {
            assertThrows(IllegalArgumentException.class, () -> PackedExamples.unpack(other));
        }
    }

    private static String message(byte[] packed) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> PackedExamples.unpack(packed))
                .getMessage());
    }
}
