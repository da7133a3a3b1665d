package dev.perennial.persistence.snapshot;

/**
 * A snapshot as one of Pekko's serializers wrote it.
 *
 * @param manifest empty for a serializer that needs none
 */
record SerializedSnapshot(int serializerId, String manifest, byte[] bytes) {}
