@NullMarked
package dev.perennial.learning.continual;

import org.jspecify.annotations.NullMarked;
