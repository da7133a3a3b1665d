package dev.perennial.protocols;

/**
 * How far a running update is; told every second, never journaled.
 *
 * @param phase {@code selecting}, {@code training}, {@code evaluating} or {@code storing}
 * @param loss of the latest step, nats a token
 * @param secondsLeft estimate for the training phase
 */
public record Progress(String phase, int step, int steps, double loss, double tokensPerSecond, double secondsLeft) {}
