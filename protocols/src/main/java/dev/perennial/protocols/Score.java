package dev.perennial.protocols;

/**
 * How a model did on a suite.
 *
 * @param accuracy share of judged examples whose answer greedy decoding gives exactly, 0 to 1; 0 if none is judged
 * @param logProbability mean log-probability in nats a learned token, at most 0; 0 for an empty suite
 * @param judged examples that have one right answer
 * @param examples all examples of the suite
 */
public record Score(double accuracy, double logProbability, int judged, int examples) {
    public static final Score EMPTY = new Score(0, 0, 0, 0);
}
