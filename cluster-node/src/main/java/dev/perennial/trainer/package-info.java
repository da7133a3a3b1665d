/** Trainers: actors that take leases from the scheduler and run updates on the learning engine. */
@NullMarked
package dev.perennial.trainer;

import org.jspecify.annotations.NullMarked;
