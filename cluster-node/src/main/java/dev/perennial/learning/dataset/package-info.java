/**
 * Training data: files in the formats that people have, read into rows, and rows turned into tokens.
 *
 * <p>{@link dev.perennial.learning.dataset.DataFile} reads, {@link dev.perennial.learning.dataset.DataSplit} sets a part
 * aside, {@link dev.perennial.learning.dataset.DataEncoder} encodes for a base model.
 */
@NullMarked
package dev.perennial.learning.dataset;

import org.jspecify.annotations.NullMarked;
