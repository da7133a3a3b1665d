/**
 * The rules, pure: from a state and a command to events and a reply, from a state and an event to the next state. No actors,
 * no clock, and no randomness but what follows from ids and seeds, so that a journal always replays to the same state.
 */
@NullMarked
package dev.perennial.domain;

import org.jspecify.annotations.NullMarked;
