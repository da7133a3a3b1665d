/** The HTTP interface: routes by resource, one shape of error, and the server that they hang on. */
@NullMarked
package dev.perennial.http;

import org.jspecify.annotations.NullMarked;
