package dev.perennial.simulations.forgetting;

import java.util.List;

/** A method at work on a sequence of tasks. */
interface Learner extends AutoCloseable {
    /** Learns a task, once it has learned all those before it. */
    void learn(int task, String name, List<Memory.Lesson> lessons);

    /** Share of the questions that it answers exactly right, 0 to 1. */
    double accuracy(List<Question> questions);

    /** What it needs by now. */
    Needs needs();

    /**
     * @param bufferShare largest share of the data seen so far that was kept
     * @param trainedParameters of an update
     * @param adapterBytes of all adapters
     * @param fisherBytes of the Fisher information
     * @param textBytes of what is kept
     */
    record Needs(double bufferShare, long trainedParameters, long adapterBytes, long fisherBytes, long textBytes) {
        long storedBytes() {
            return adapterBytes + fisherBytes + textBytes;
        }
    }

    @Override
    void close();
}
