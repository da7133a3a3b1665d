@NullMarked
package dev.perennial.learning.dataset;

import org.jspecify.annotations.NullMarked;
