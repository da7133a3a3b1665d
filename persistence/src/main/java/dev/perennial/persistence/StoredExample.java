package dev.perennial.persistence;

import java.time.Instant;

/**
 * One example as stored.
 *
 * @param id content id: equal content has an equal id
 * @param json the example itself
 * @param acceptedAt kept to the millisecond
 * @param source where it came from
 */
public record StoredExample(String id, String json, Instant acceptedAt, String source) {}
