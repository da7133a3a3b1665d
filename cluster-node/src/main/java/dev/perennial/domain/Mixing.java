package dev.perennial.domain;

/**
 * Randomness that follows from names and numbers alone. It is written out here and not taken from the JDK, whose generators
 * may change between releases: a journal written today must choose the same examples when it is replayed in ten years.
 */
final class Mixing {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final int DOUBLE_BITS = 53;

    private Mixing() {}

    /** FNV-1a over the UTF-16 units, then {@link #mix}, since FNV alone leaves the high bits of short texts alike. */
    static long hash(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014, after Stafford's variant 13). */
    static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** The draw at {@code index} of the SplitMix64 sequence of {@code seed}, without having to make those before it. */
    static long draw(long seed, long index) {
        return mix(seed + GOLDEN_GAMMA * (index + 1));
    }

    /** Uniform in [0, 1), from the upper 53 bits. */
    static double unit(long bits) {
        return (bits >>> (Long.SIZE - DOUBLE_BITS)) * 0x1.0p-53;
    }

    /** A seed below 2^53, so that a JSON reader that knows only doubles shows it exactly. */
    static long seed(String name) {
        return hash(name) >>> (Long.SIZE - DOUBLE_BITS);
    }
}
