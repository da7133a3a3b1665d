/** Snapshots of entities, kept in Cassandra in parts, so that none is too large for a mutation: a plugin of Pekko Persistence. */
@NullMarked
package dev.perennial.persistence.snapshot;

import org.jspecify.annotations.NullMarked;
