package dev.perennial.simulations.forgetting;

/**
 * What one method came to over one sequence.
 *
 * @param seed of facts, adapters and batches
 * @param order number of the order of tasks
 * @param generalBefore accuracy on the base's general suite before any update, 0 to 1
 * @param generalAfter the same after the last
 * @param bufferShare largest share of the data seen so far that was kept, 0 to 1
 * @param trainedParameters of an update, the largest
 * @param storedBytes adapters, Fisher information and kept texts after the last update
 * @param seconds of all updates, measuring left out
 * @param learnedOnce whether all was learned at the last task: what was known before is then the base's
 */
record RunResult(
        String method,
        long seed,
        int order,
        AccuracyMatrix matrix,
        double generalBefore,
        double generalAfter,
        double bufferShare,
        long trainedParameters,
        long storedBytes,
        double seconds,
        boolean learnedOnce) {
    double generalChange() {
        return generalAfter - generalBefore;
    }
}
