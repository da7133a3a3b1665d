package dev.perennial.persistence.artifact;

import java.nio.file.Path;

/**
 * How artifacts are stored and cached.
 *
 * @param cacheDirectory for local copies; may be shared by processes
 * @param chunkBytes size of a row; 64 KiB to 4 MiB, for Cassandra refuses writes of half a commit log segment
 * @param maximumBytes the largest artifact accepted
 * @param cacheBytes size of the cache above which the copies used longest ago are deleted
 */
public record ArtifactSettings(Path cacheDirectory, int chunkBytes, long maximumBytes, long cacheBytes) {
    public ArtifactSettings {
        if (chunkBytes < 64 << 10 || chunkBytes > 4 << 20) {
            throw new IllegalArgumentException("chunkBytes: expected 64 KiB to 4 MiB, was " + chunkBytes);
        }
        if (maximumBytes < 1 || cacheBytes < 1) {
            throw new IllegalArgumentException(
                    "maximumBytes and cacheBytes: expected at least 1, were " + maximumBytes + " and " + cacheBytes);
        }
    }

    /** Rows of 1 MiB, artifacts up to 2 GiB, a cache of 8 GiB. */
    public static ArtifactSettings defaults(Path cacheDirectory) {
        return new ArtifactSettings(cacheDirectory, 1 << 20, 2L << 30, 8L << 30);
    }
}
