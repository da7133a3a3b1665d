/** Examples and feedback as they stream in: parsed, validated, normalised, stored, and only then acknowledged. */
@NullMarked
package dev.perennial.intake;

import org.jspecify.annotations.NullMarked;
