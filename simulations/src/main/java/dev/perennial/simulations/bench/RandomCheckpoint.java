package dev.perennial.simulations.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.perennial.learning.ModelShape;
import dev.perennial.simulations.bench.DecoderWeights.Weight;
import dev.perennial.simulations.pretraining.BytePairVocabulary;
import dev.perennial.simulations.pretraining.TokenizerFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes a model directory of some shape with random weights: uniform with mean 0 and standard deviation 0.02, norms at one. Speed and
 * memory depend on the shape alone, so nothing needs to be fetched to measure them.
 *
 * <p>The rows of special tokens are zero in embedding and head: their logit is always 0, and as one of the other tokens is always above
 * it, greedy decoding never ends early.
 */
final class RandomCheckpoint {
    private static final double SPREAD = 0.02 * Math.sqrt(3);
    private static final int CHUNK = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How weights are stored. */
    enum Precision {
        F32(4),
        BF16(2);

        private final int bytes;

        Precision(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    private RandomCheckpoint() {}

    /**
     * Writes {@code config.json}, {@code model.safetensors}, {@code tokenizer.json} and {@code tokenizer_config.json}; files that are
     * there already are replaced. The same shape, precision and seed give the same bytes.
     */
    static void write(ModelShape shape, Precision precision, long seed, Path directory) throws IOException {
        TokenizerFiles.write(BytePairVocabulary.untrained(shape.vocabulary()), shape.context(), directory);
        Files.writeString(
                directory.resolve("config.json"),
                shape.toConfigJson(BytePairVocabulary.BEGIN, BytePairVocabulary.END, BytePairVocabulary.PAD));
        List<Weight> weights = DecoderWeights.of(shape);
        try (FileChannel channel = FileChannel.open(
                directory.resolve("model.safetensors"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            writeHeader(channel, weights, precision);
            SplittableRandom random = new SplittableRandom(seed);
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
            for (Weight weight : weights) {
                writeValues(channel, weight, precision, random, chunk);
            }
        }
    }

    private static void writeHeader(FileChannel channel, List<Weight> weights, Precision precision) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (Weight weight : weights) {
            ObjectNode node = header.putObject(weight.name()).put("dtype", precision.name());
            var dimensions = node.putArray("shape");
            weight.dimensions().forEach(dimensions::add);
            long end = offset + weight.elements() * precision.bytes();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        ByteBuffer all = ByteBuffer.allocate(8 + padded.length).order(ByteOrder.LITTLE_ENDIAN);
        drain(channel, all.putLong(padded.length).put(padded));
    }

    private static void writeValues(
            FileChannel channel, Weight weight, Precision precision, SplittableRandom random, ByteBuffer chunk)
            throws IOException {
        boolean matrix = weight.dimensions().size() > 1;
        boolean rowsAreTokens =
                weight.name().equals(DecoderWeights.EMBEDDING) || weight.name().equals(DecoderWeights.HEAD);
        long zeros = rowsAreTokens
                ? BytePairVocabulary.SPECIAL_TOKENS.size() * weight.dimensions().get(1)
                : 0;
        for (long i = 0; i < weight.elements(); i++) {
            float value = !matrix ? 1f : i < zeros ? 0f : uniform(random);
            if (precision == Precision.F32) {
                chunk.putFloat(value);
            } else {
                // Cut, not rounded: the values are random either way.
                chunk.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            }
            if (!chunk.hasRemaining()) {
                drain(channel, chunk);
            }
        }
        drain(channel, chunk);
    }

    private static float uniform(SplittableRandom random) {
        return (float) (random.nextInt() * (SPREAD / 0x1p31));
    }

    private static void drain(FileChannel channel, ByteBuffer filled) throws IOException {
        filled.flip();
        while (filled.hasRemaining()) {
            channel.write(filled);
        }
        filled.clear();
    }
}
