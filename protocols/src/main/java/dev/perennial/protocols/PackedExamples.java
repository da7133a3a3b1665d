package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Many examples by their numbers, written in some 40 bytes each and read back without a parser: whoever asks a domain that moves waits
 * for that.
 *
 * <p>Integers have 7 bits a byte, the lowest first, and the eighth where more follow. First comes a table of texts: how many, then the
 * length of each and its UTF-8. Then how many examples, and of each: its number less the one before; twice its characters, and one
 * more where it is judged; its use, a place in the table; and its id, what is asked, the answer, the companion and the source. Of these
 * each is a byte of 0 where there is none, of 1 before the bytes of its digest, or of 2 before a place in the table.
 *
 * @param byNumber 0 or more each; nobody changes it any more
 */
public record PackedExamples(SortedMap<Long, ExampleRef> byNumber) {
    private static final HexFormat HEX = HexFormat.of();
    private static final int ID_BYTES = 16;
    private static final int DIGEST_BYTES = 8;
    private static final int NO_DIGEST = 0;

    private static final int NONE = 0;
    private static final int DIGEST = 1;
    private static final int TEXT = 2;

    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;

    public PackedExamples {
        byNumber = Collections.unmodifiableSortedMap(byNumber);
    }

    /** @throws IllegalArgumentException for what {@link #pack} has not made */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static PackedExamples unpack(byte[] packed) {
        try {
            return new PackedExamples(new Reader(packed).examples());
        } catch (BufferUnderflowException | IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException("expected packed examples; got " + packed.length + " other bytes", e);
        }
    }

    @JsonValue
    byte[] pack() {
        return new Writer().bytes(byNumber);
    }

    private static final class Writer {
        private final Map<String, Integer> places = new LinkedHashMap<>();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        byte[] bytes(SortedMap<Long, ExampleRef> examples) {
            integer(examples.size());
            long before = 0;
            for (Map.Entry<Long, ExampleRef> each : examples.entrySet()) {
                integer(each.getKey() - before);
                example(each.getValue());
                before = each.getKey();
            }
            byte[] body = out.toByteArray();
            out.reset();
            integer(places.size());
            for (String text : places.keySet()) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                integer(bytes.length);
                out.writeBytes(bytes);
            }
            out.writeBytes(body);
            return out.toByteArray();
        }

        private void example(ExampleRef example) {
            integer(2L * example.characters() + (example.judged() ? 1 : 0));
            place(example.use().name());
            name(Optional.of(example.id()), ID_BYTES);
            name(example.promptId(), DIGEST_BYTES);
            name(example.answerId(), DIGEST_BYTES);
            name(example.companion(), ID_BYTES);
            name(example.source(), NO_DIGEST);
        }

        private void name(Optional<String> name, int digestBytes) {
            Optional<byte[]> digest = name.flatMap(text -> HexDigest.bytes(text, digestBytes));
            if (digest.isPresent()) {
                out.write(DIGEST);
                out.writeBytes(digest.get());
            } else if (name.isPresent()) {
                out.write(TEXT);
                place(name.get());
            } else {
                out.write(NONE);
            }
        }

        private void place(String text) {
            integer(places.computeIfAbsent(text, next -> places.size()));
        }

        private void integer(long value) {
            long rest = value;
            while (rest >= MORE) {
                out.write((int) (rest % MORE) | MORE);
                rest >>>= BITS;
            }
            out.write((int) rest);
        }
    }

    private static final class Reader {
        private final ByteBuffer in;
        private final List<String> texts = new ArrayList<>();

        Reader(byte[] packed) {
            in = ByteBuffer.wrap(packed);
        }

        SortedMap<Long, ExampleRef> examples() {
            for (long left = integer(); left > 0; left--) {
                texts.add(new String(bytes(integer()), StandardCharsets.UTF_8));
            }
            SortedMap<Long, ExampleRef> examples = new TreeMap<>();
            long number = 0;
            for (long left = integer(); left > 0; left--) {
                number += integer();
                examples.put(number, example());
            }
            if (in.hasRemaining()) {
                throw new IllegalArgumentException("expected no more examples; got " + in.remaining() + " more bytes");
            }
            return examples;
        }

        private ExampleRef example() {
            long characters = integer();
            ExampleUse use = ExampleUse.valueOf(text());
            String id = name(ID_BYTES).orElseThrow(() -> new IllegalArgumentException("expected an id; got none"));
            Optional<String> prompt = name(DIGEST_BYTES);
            Optional<String> answer = name(DIGEST_BYTES);
            Optional<String> companion = name(ID_BYTES);
            Optional<String> source = name(NO_DIGEST);
            return new ExampleRef(
                    id, Math.toIntExact(characters / 2), use, characters % 2 == 1, prompt, answer, source, companion);
        }

        private Optional<String> name(int digestBytes) {
            int form = in.get();
            return switch (form) {
                case NONE -> Optional.empty();
                case DIGEST -> Optional.of(HEX.formatHex(bytes(digestBytes)));
                case TEXT -> Optional.of(text());
                default -> throw new IllegalArgumentException("expected 0, 1 or 2 before a name; got " + form);
            };
        }

        private String text() {
            return texts.get(Math.toIntExact(integer()));
        }

        private byte[] bytes(long count) {
            if (count < 0 || count > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] bytes = new byte[(int) count];
            in.get(bytes);
            return bytes;
        }

        private long integer() {
            long value = 0;
            int shift = 0;
            byte next;
            do {
                next = in.get();
                value |= (long) (next & (MORE - 1)) << shift;
                shift += BITS;
            } while (next < 0 && shift < Long.SIZE);
            return value;
        }
    }

    @Override
    public String toString() {
        return byNumber.size() + " examples";
    }
}
