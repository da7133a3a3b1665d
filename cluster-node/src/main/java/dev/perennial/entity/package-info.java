/** The sharded, event-sourced shell of a domain: it journals what the rules decide, and replies. */
@NullMarked
package dev.perennial.entity;

import org.jspecify.annotations.NullMarked;
