@NullMarked
package dev.perennial.learning.tuning;

import org.jspecify.annotations.NullMarked;
