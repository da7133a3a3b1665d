@NullMarked
package dev.perennial.learning.jinja;

import org.jspecify.annotations.NullMarked;
