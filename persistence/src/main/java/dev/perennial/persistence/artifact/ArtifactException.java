package dev.perennial.persistence.artifact;

/** An artifact cannot be stored or fetched, for a reason that trying again will not change. */
public abstract sealed class ArtifactException extends RuntimeException {
    private ArtifactException(String message) {
        super(message);
    }

    /** No such artifact was ever stored completely. */
    public static final class NotFound extends ArtifactException {
        NotFound(String sha256) {
            super("there is no artifact " + sha256);
        }
    }

    /** Larger than the store accepts. */
    public static final class TooLarge extends ArtifactException {
        TooLarge(long maximumBytes) {
            super("the artifact is larger than " + maximumBytes + " bytes, the most that is stored");
        }
    }

    /** What the database holds is not what was stored. */
    public static final class Corrupt extends ArtifactException {
        Corrupt(String sha256, String found) {
            super("the stored artifact " + sha256 + " is corrupt: " + found);
        }
    }
}
