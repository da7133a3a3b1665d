/** Typed settings, read once from HOCON; a key that is unknown or bad is an error that names it. */
@NullMarked
package dev.perennial.settings;

import org.jspecify.annotations.NullMarked;
