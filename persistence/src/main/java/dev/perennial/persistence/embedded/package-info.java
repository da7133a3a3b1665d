/** A real Cassandra server as a child process, for running on one machine. */
@NullMarked
package dev.perennial.persistence.embedded;

import org.jspecify.annotations.NullMarked;
