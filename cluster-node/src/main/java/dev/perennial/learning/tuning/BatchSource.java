package dev.perennial.learning.tuning;

/**
 * Where batches come from, without end. Two sources that were made alike give the same batches in the same order: a resumed
 * training draws what was learned before once more, and leaves it.
 */
public interface BatchSource {
    TrainingBatch next();
}
