@NullMarked
package dev.perennial.serving;

import org.jspecify.annotations.NullMarked;
