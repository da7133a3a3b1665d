/** Scheduling at scale: a month of many domains and few GPUs in virtual time, under the scheduler's own rules and under others. */
@NullMarked
package dev.perennial.simulations.schedule;

import org.jspecify.annotations.NullMarked;
