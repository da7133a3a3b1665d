/** The product's story, played by a client on a node's HTTP API. Knows nothing of the node's inside. */
@NullMarked
package dev.perennial.quickstart;

import org.jspecify.annotations.NullMarked;
