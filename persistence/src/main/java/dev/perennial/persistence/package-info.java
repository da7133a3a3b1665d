/** Cassandra: the embedded launcher, the schema, the example store and the artifact store. */
@NullMarked
package dev.perennial.persistence;

import org.jspecify.annotations.NullMarked;
