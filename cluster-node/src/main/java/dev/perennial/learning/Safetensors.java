package dev.perennial.learning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads and writes safetensors files (8 bytes of header length, a JSON header, raw little-endian data), by memory map.
 * Every offset of the header is checked against the file before anything is read, so that a truncated or hostile file
 * gives an error and never a fault.
 */
final class Safetensors {
    private static final long LARGEST_HEADER = 100L << 20;
    private static final int WIDENED_AT_ONCE = 1 << 18;
    /** Bytes, as Java maps and buffers them. */
    private static final long LARGEST_TENSOR = Integer.MAX_VALUE;

    private static final String METADATA = "__metadata__";
    private static final ObjectMapper JSON = new ObjectMapper();

    private Safetensors() {}

    /**
     * One tensor of a file.
     *
     * @param data F32 little-endian values, {@code 4 * product(shape)} bytes; mapped from the file where it holds F32
     */
    record Tensor(long[] shape, ByteBuffer data) {
        /** Values row after row. */
        static Tensor of(float[] values, long... shape) {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return new Tensor(shape, bytes);
        }

        long elements() {
            return Safetensors.elements(shape);
        }

        /** A copy of the values, row after row. */
        float[] floats() {
            float[] values = new float[(int) elements()];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        }
    }

    /**
     * One tensor as it lies in its file.
     *
     * @param type F32, F16 or BF16
     * @param data little-endian values, mapped
     */
    record Mapped(String type, long[] shape, ByteBuffer data) {
        private Tensor widened() {
            return new Tensor(shape, type.equals("F32") ? data : widen(data, type.equals("BF16")));
        }
    }

    /** Opens all tensors of a file; F16 and BF16 are widened to F32, which is for files of adapters, not of models. */
    static Map<String, Tensor> read(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        map(file).forEach((name, mapped) -> tensors.put(name, mapped.widened()));
        return tensors;
    }

    /** Maps all tensors of a file; no weights are read. */
    static Map<String, Mapped> map(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Header header = header(channel, file);
            Map<String, Mapped> tensors = new LinkedHashMap<>();
            var fields = header.root().fields();
            while (fields.hasNext()) {
                var field = fields.next();
                if (!field.getKey().equals(METADATA)) {
                    tensors.put(
                            field.getKey(), mapped(channel, file, field.getKey(), field.getValue(), header.length()));
                }
            }
            return tensors;
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * What the header says of one tensor.
     *
     * @param problem empty, or why {@link #read} would refuse it
     */
    record Description(String type, long[] shape, String problem) {
        long elements() {
            return Arrays.stream(shape).reduce(1, (count, dimension) -> count * dimension);
        }
    }

    /** Describes all tensors of a file, those that are refused too; no weights are read. */
    static Map<String, Description> describe(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Header header = header(channel, file);
            Map<String, Description> tensors = new LinkedHashMap<>();
            for (var field : (Iterable<Map.Entry<String, JsonNode>>) header.root()::fields) {
                if (!field.getKey().equals(METADATA)) {
                    tensors.put(field.getKey(), description(channel.size(), file, field, header.length()));
                }
            }
            return tensors;
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static Description description(long size, Path file, Map.Entry<String, JsonNode> field, long headerLength) {
        String problem = "";
        try {
            place(size, file, field.getKey(), field.getValue(), headerLength);
        } catch (LearningException e) {
            problem = String.valueOf(e.getMessage());
        }
        JsonNode dimensions = field.getValue().path("shape");
        long[] shape = new long[dimensions.size()];
        Arrays.setAll(shape, i -> dimensions.path(i).asLong());
        return new Description(field.getValue().path("dtype").asText(), shape, problem);
    }

    /** One entry of the metadata of a file, if it has that entry. */
    static Optional<String> metadata(Path file, String key) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            JsonNode value = header(channel, file).root().path(METADATA).path(key);
            return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
        } catch (IOException e) {
            throw new LearningException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private record Header(long length, JsonNode root) {}

    private static Header header(FileChannel channel, Path file) throws IOException {
        long size = channel.size();
        if (size < 8) {
            throw new LearningException(file + " is truncated: " + size + " bytes, too short for a header");
        }
        ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, prefix, 0, file);
        long headerLength = prefix.flip().getLong();
        if (headerLength < 2 || headerLength > LARGEST_HEADER || 8 + headerLength > size) {
            throw new LearningException(file + " is truncated or no safetensors file: it says that its header is "
                    + headerLength + " bytes, the file has " + size);
        }
        ByteBuffer header = ByteBuffer.allocate((int) headerLength);
        readFully(channel, header, 8, file);
        return new Header(headerLength, JSON.readTree(header.array()));
    }

    private static Mapped mapped(FileChannel channel, Path file, String name, JsonNode entry, long headerLength)
            throws IOException {
        Place place = place(channel.size(), file, name, entry, headerLength);
        MappedByteBuffer mapped = channel.map(
                FileChannel.MapMode.READ_ONLY, 8 + headerLength + place.begin(), place.end() - place.begin());
        mapped.order(ByteOrder.LITTLE_ENDIAN);
        String type = entry.path("dtype").asText();
        return new Mapped(type, place.shape(), mapped);
    }

    /** Where a tensor lies in the data of its file, in bytes; the end is past its last. */
    private record Place(long[] shape, long begin, long end) {}

    private static Place place(long fileSize, Path file, String name, JsonNode entry, long headerLength) {
        String type = entry.path("dtype").asText();
        int width = switch (type) {
            case "F32" -> 4;
            case "F16", "BF16" -> 2;
            default ->
                throw new LearningException(file + ": tensor " + name + " is " + type + "; supported: F32, F16, BF16");
        };
        JsonNode dimensions = entry.path("shape");
        if (!dimensions.isArray()) {
            throw new LearningException(file + ": tensor " + name + " has no shape");
        }
        long[] shape = new long[dimensions.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dimensions.get(i).canConvertToExactIntegral()
                    ? dimensions.get(i).asLong(-1)
                    : -1;
            if (shape[i] < 0 || shape[i] > Integer.MAX_VALUE) {
                throw new LearningException(file + ": tensor " + name + " has the shape " + dimensions);
            }
        }
        long begin = entry.path("data_offsets").path(0).asLong(-1);
        long end = entry.path("data_offsets").path(1).asLong(-1);
        long dataSize = fileSize - 8 - headerLength;
        if (begin < 0 || end < begin || end > dataSize) {
            throw new LearningException(file + " is truncated: tensor " + name + " lies at bytes " + begin + " to "
                    + end + " of the data, the file has " + Math.max(0, dataSize));
        }
        if (elements(shape) * width > LARGEST_TENSOR) {
            throw new LearningException(file + ": tensor " + name + " of shape " + dimensions + " and type " + type
                    + " has " + elements(shape) * width + " bytes; at most " + LARGEST_TENSOR + " are supported");
        }
        if (end - begin != elements(shape) * width) {
            throw new LearningException(file + ": tensor " + name + " of shape " + dimensions + " and type " + type
                    + " needs " + elements(shape) * width + " bytes; the header gives it " + (end - begin));
        }
        return new Place(shape, begin, end);
    }

    private static ByteBuffer widen(ByteBuffer halves, boolean brain) {
        ShortBuffer in = halves.asShortBuffer();
        int count = in.remaining();
        ByteBuffer wide =
                ByteBuffer.allocateDirect(Math.multiplyExact(count, 4)).order(ByteOrder.LITTLE_ENDIAN);
        IntBuffer out = wide.asIntBuffer();
        // Every value is its own, so that all cores may take part; of big checkpoints this is most of the time of
        // opening.
        IntStream.range(0, (count + WIDENED_AT_ONCE - 1) / WIDENED_AT_ONCE)
                .parallel()
                .forEach(part -> {
                    int end = Math.min(count, (part + 1) * WIDENED_AT_ONCE);
                    for (int i = part * WIDENED_AT_ONCE; i < end; i++) {
                        out.put(i, brain ? in.get(i) << 16 : Float.floatToRawIntBits(halfToFloat(in.get(i))));
                    }
                });
        return wide;
    }

    /** IEEE 754 binary16 to binary32, subnormals and non-finite values included. */
    static float halfToFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (fraction << 13));
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
    }

    private static void readFully(FileChannel channel, ByteBuffer into, long position, Path file) throws IOException {
        while (into.hasRemaining()) {
            int n = channel.read(into, position + into.position());
            if (n < 0) {
                throw new LearningException(file + " is truncated");
            }
        }
    }

    /** Writes F32 tensors in the given order, with {@code format: pt} as PEFT and transformers expect it. */
    static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, Map.of());
    }

    /** The same, with more entries of metadata. */
    static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode described = header.putObject(METADATA).put("format", "pt");
        metadata.forEach(described::put);
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", "F32");
            var shape = node.putArray("shape");
            for (long dimension : entry.getValue().shape()) {
                shape.add(dimension);
            }
            long bytes = entry.getValue().elements() * 4;
            node.putArray("data_offsets").add(offset).add(offset + bytes);
            offset += bytes;
        }
        // moved into place when it is whole: whoever has the old file mapped keeps the old file
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            writeWhole(partial, header, tensors);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new LearningException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void writeWhole(Path file, ObjectNode header, Map<String, Tensor> tensors) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            byte[] json = JSON.writeValueAsBytes(header);
            byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
            Arrays.fill(padded, json.length, padded.length, (byte) ' ');
            ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            prefix.putLong(padded.length).flip();
            for (ByteBuffer part : List.of(prefix, ByteBuffer.wrap(padded))) {
                writeFully(channel, part);
            }
            for (Tensor tensor : tensors.values()) {
                writeFully(channel, tensor.data().duplicate());
            }
            channel.force(true);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer part) throws IOException {
        while (part.hasRemaining()) {
            channel.write(part);
        }
    }

    private static long elements(long[] shape) {
        long count = 1;
        for (long dimension : shape) {
            count *= dimension;
            if (count < 0 || count > LARGEST_TENSOR) {
                throw new LearningException("a tensor has " + Arrays.toString(shape) + " elements; at most "
                        + LARGEST_TENSOR + " are supported");
            }
        }
        return count;
    }
}
