@NullMarked
package dev.perennial.kubernetes;

import org.jspecify.annotations.NullMarked;
