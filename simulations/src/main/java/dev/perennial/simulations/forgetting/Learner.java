package dev.perennial.simulations.forgetting;

import dev.perennial.learning.Sequence;
import java.util.List;

/** A method at work on a sequence of tasks. */
interface Learner extends AutoCloseable {
    /** Learns a task, once it has learned all those before it. */
    void learn(int task, String name, List<Memory.Lesson> lessons);

    /** Share of the questions that it answers exactly right, 0 to 1. */
    double accuracy(List<Sequence> questions);

    /** What it needs by now. */
    Needs needs();

    /**
     * @param bufferShare largest share of the data seen so far that was kept
     * @param trainedParameters of an update
     * @param storedBytes adapters, Fisher information and kept texts
     */
    record Needs(double bufferShare, long trainedParameters, long storedBytes) {}

    @Override
    void close();
}
