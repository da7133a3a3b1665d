package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Ids of many examples, none twice, in 16 bytes each: as they are kept and as they are asked for, so that a million of them are read
 * back in no more time than their bytes take. An id is 128 bits in lower-case hex, as {@link ExampleRef#id}; any other is kept as it is.
 */
public final class PackedIds {
    public static final PackedIds NONE = new PackedIds(new byte[0], List.of());

    private static final HexFormat HEX = HexFormat.of();
    private static final int BYTES = 16;

    /** One after the other, rising as numbers without a sign, which is the natural order of their hex. */
    private final byte[] digests;

    private final List<String> others;

    @JsonCreator
    PackedIds(@JsonProperty("digests") byte[] digests, @JsonProperty("others") List<String> others) {
        if (digests.length % BYTES != 0) {
            throw new IllegalArgumentException("expected " + BYTES + " bytes an id; got " + digests.length + " bytes");
        }
        this.digests = digests;
        this.others = List.copyOf(others);
        for (int place = 1; place < digests.length / BYTES; place++) {
            if (compare(place - 1, digests, place) >= 0) {
                throw new IllegalArgumentException(
                        "expected rising ids; got " + digest(place) + " after " + digest(place - 1));
            }
        }
    }

    /** @param ids in their natural order, none twice */
    public static PackedIds of(Collection<String> ids) {
        ByteArrayOutputStream digests = new ByteArrayOutputStream(BYTES * ids.size());
        List<String> others = new ArrayList<>();
        for (String id : ids) {
            HexDigest.bytes(id, BYTES).ifPresentOrElse(digests::writeBytes, () -> others.add(id));
        }
        return new PackedIds(digests.toByteArray(), others);
    }

    public int size() {
        return digests.length / BYTES + others.size();
    }

    public boolean contains(String id) {
        return HexDigest.bytes(id, BYTES).map(this::holds).orElseGet(() -> Collections.binarySearch(others, id) >= 0);
    }

    private boolean holds(byte[] digest) {
        int from = 0;
        int to = digests.length / BYTES;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int order = compare(middle, digest, 0);
            if (order == 0) {
                return true;
            } else if (order < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return false;
    }

    private int compare(int place, byte[] other, int otherPlace) {
        return Arrays.compareUnsigned(
                digests, BYTES * place, BYTES * (place + 1), other, BYTES * otherPlace, BYTES * (otherPlace + 1));
    }

    private String digest(int place) {
        return HEX.formatHex(digests, BYTES * place, BYTES * (place + 1));
    }

    /** All of them, in their natural order. */
    public Iterator<String> iterator() {
        return new Iterator<>() {
            private int place;
            private int other;

            @Override
            public boolean hasNext() {
                return place + other < size();
            }

            @Override
            public String next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                boolean isOther = other < others.size()
                        && (BYTES * place == digests.length || others.get(other).compareTo(digest(place)) < 0);
                return isOther ? others.get(other++) : digest(place++);
            }
        };
    }

    @JsonProperty("digests")
    byte[] digests() {
        return digests.clone();
    }

    @JsonProperty("others")
    List<String> others() {
        return others;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PackedIds ids && Arrays.equals(digests, ids.digests) && others.equals(ids.others);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(digests), others);
    }

    @Override
    public String toString() {
        return size() + " ids";
    }
}
