/** Commands on models, adapters and files that need no cluster: results on standard output, all else on standard error. */
@NullMarked
package dev.perennial.offline;

import org.jspecify.annotations.NullMarked;
