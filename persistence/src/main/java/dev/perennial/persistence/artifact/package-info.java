/** Adapters, reports and other files: content-addressed, kept in Cassandra, cached on the local disk. */
@NullMarked
package dev.perennial.persistence.artifact;

import org.jspecify.annotations.NullMarked;
