@NullMarked
package dev.perennial;

import org.jspecify.annotations.NullMarked;
