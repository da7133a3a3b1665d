package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void readsBackWhatItWrote() {
        Path file = directory.resolve("a.safetensors");
        ByteBuffer data = floats(1.5f, -2f, 3f, 0f, Float.MIN_VALUE, 7f);
        Safetensors.write(file, Map.of("w", new Safetensors.Tensor(new long[] {2, 3}, data)));
        Safetensors.Tensor read = only(file);
        assertArrayEquals(new long[] {2, 3}, read.shape());
        assertEquals(-2f, read.data().getFloat(4));
        assertEquals(Float.MIN_VALUE, read.data().getFloat(16));
    }

    /** Cut inside the length of the header, inside the header, and inside the data. */
    @ParameterizedTest
    @CsvSource({"0", "5", "20", "-1", "-24"})
    void refusesATruncatedFile(int keep) throws IOException {
        Path file = directory.resolve("cut.safetensors");
        Safetensors.write(file, Map.of("w", new Safetensors.Tensor(new long[] {6}, floats(1, 2, 3, 4, 5, 6))));
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, keep >= 0 ? keep : whole.length + keep));
        var failure = assertThrows(LearningException.class, () -> Safetensors.read(file));
        assertTrue(String.valueOf(failure.getMessage()).contains("truncated"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"w\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}} | I64",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | needs 8 bytes",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | shape",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | shape",
                "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}} | shape",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}} | bytes -4",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}} | bytes 8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647],\"data_offsets\":[0,8]}} | elements",
                "not json | cannot read"
            })
    void refusesAHostileHeaderAndSaysWhy(String header, String expected) throws IOException {
        Path file = write(header, new byte[8]);
        var failure = assertThrows(LearningException.class, () -> Safetensors.read(file));
        assertTrue(String.valueOf(failure.getMessage()).contains(expected), failure.getMessage());
    }

    @Test
    void refusesAHeaderLongerThanTheFile() throws IOException {
        Path file = directory.resolve("long.safetensors");
        Files.write(file, little(8).putLong(Long.MAX_VALUE).array());
        assertThrows(LearningException.class, () -> Safetensors.read(file));
    }

    @Test
    void widensHalfAndBrainFloats() throws IOException {
        byte[] halves = little(10)
                .putShort((short) 0x3c00) // 1
                .putShort((short) 0xc000) // -2
                .putShort((short) 0x0001) // smallest subnormal
                .putShort((short) 0x7c00) // infinity
                .putShort((short) 0x7e00) // not a number
                .array();
        ByteBuffer wide = only(write("{\"w\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]}}", halves))
                .data();
        assertEquals(1f, wide.getFloat(0));
        assertEquals(-2f, wide.getFloat(4));
        assertEquals(0x1p-24f, wide.getFloat(8));
        assertEquals(Float.POSITIVE_INFINITY, wide.getFloat(12));
        assertTrue(Float.isNaN(wide.getFloat(16)));

        byte[] brains =
                little(4).putShort((short) 0x3f80).putShort((short) 0xc0a0).array();
        ByteBuffer brain = only(write("{\"w\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", brains))
                .data();
        assertEquals(1f, brain.getFloat(0));
        assertEquals(-5f, brain.getFloat(4));
    }

    private static Safetensors.Tensor only(Path file) {
        return Safetensors.read(file).values().iterator().next();
    }

    private Path write(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        Path file = directory.resolve("made.safetensors");
        Files.write(
                file,
                little(8 + json.length + data.length)
                        .putLong(json.length)
                        .put(json)
                        .put(data)
                        .array());
        return file;
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer buffer = little(values.length * 4);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.flip();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
