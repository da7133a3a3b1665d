@NullMarked
package dev.perennial.learning;

import org.jspecify.annotations.NullMarked;
