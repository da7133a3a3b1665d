/**
 * The part of Jinja2 that chat templates are written in, with the settings that transformers gives it: {@code
 * trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, its own {@code tojson}. Values are
 * plain Java ones: {@code null} is None; {@code Boolean}, {@code Long}, {@code Double}, {@code String}, {@code List}
 * and {@code Map} are Python's bool, int, float, str, list and dict. See decision 0006.
 */
@NullMarked
package dev.perennial.learning.jinja;

import org.jspecify.annotations.NullMarked;
