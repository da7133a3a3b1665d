/** What leaves a process or outlives it: ids, commands, events, views, errors. */
@NullMarked
package dev.perennial.protocols;

import org.jspecify.annotations.NullMarked;
