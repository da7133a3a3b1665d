/** The program: its command line and its wiring. */
@NullMarked
package dev.perennial;

import org.jspecify.annotations.NullMarked;
