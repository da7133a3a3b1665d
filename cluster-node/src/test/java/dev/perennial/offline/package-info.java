/** The offline commands on tiny checkpoints, in this process. */
@NullMarked
package dev.perennial.offline;

import org.jspecify.annotations.NullMarked;
