package dev.perennial.protocols;

/**
 * How a model did on a suite.
 *
 * @param accuracy share of judged examples whose answer greedy decoding gives exactly or, of preferences, whose chosen
 *     answer is more probable than the rejected one, 0 to 1; 0 if none is judged
 * @param logProbability mean log-probability in nats a learned token, at most 0; 0 for an empty suite. A preference and a
 *     labelled completion count as one token: how probable the choice or the label is by what the model has gained on the
 *     parent version (Rafailov et al. 2023, equation 7), log 1/2 for the parent itself
 * @param judged examples that a model is right or wrong about
 * @param examples all examples of the suite
 */
public record Score(double accuracy, double logProbability, int judged, int examples) {
    public static final Score EMPTY = new Score(0, 0, 0, 0);
}
