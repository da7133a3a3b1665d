/** What the commands that need no cluster do, over {@code learning} alone. */
@NullMarked
package dev.perennial.offline;

import org.jspecify.annotations.NullMarked;
