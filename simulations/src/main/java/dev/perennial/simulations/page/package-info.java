/** Reports as HTML pages and SVG that any browser shows without anything else. */
@NullMarked
package dev.perennial.simulations.page;

import org.jspecify.annotations.NullMarked;
