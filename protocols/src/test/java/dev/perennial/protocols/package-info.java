@NullMarked
package dev.perennial.protocols;

import org.jspecify.annotations.NullMarked;
