package dev.perennial.scheduler;

import dev.perennial.domain.SchedulerState;
import dev.perennial.protocols.SchedulerEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * The states that the events of a decision lead to, as they were worked out to decide what comes next, so that they need not be
 * worked out once more when the events have been journaled. Events and states never change, so what one led to it leads to again.
 * Belongs to one scheduler and is used on its thread only.
 */
final class Foreseen {
    private record Step(SchedulerState before, SchedulerEvent event, SchedulerState after) {}

    private final List<Step> steps = new ArrayList<>();

    /** A new decision begins; what the one before led to has been journaled, or never will be. */
    void begin() {
        steps.clear();
    }

    SchedulerState apply(SchedulerState state, List<? extends SchedulerEvent> events) {
        SchedulerState next = state;
        for (SchedulerEvent event : events) {
            SchedulerState before = next;
            next = before.apply(event);
            steps.add(new Step(before, event, next));
        }
        return next;
    }

    /** What the event leads to, by memory where it was foreseen. */
    @SuppressWarnings(
            "ReferenceEquality") // Whether two states of a million requests are equal takes longer than to work one
    // out.
    SchedulerState apply(SchedulerState state, SchedulerEvent event) {
        for (Step step : steps) {
            if (step.event == event && step.before == state) {
                return step.after;
            }
        }
        return state.apply(event);
    }
}
