package dev.perennial.learning;

/** A step whose loss or gradient is not a finite number. */
public final class DivergenceException extends LearningException {
    private static final long serialVersionUID = 1;

    DivergenceException(int step, double loss, double gradientNorm) {
        super("training diverged at step " + step + ": loss " + loss + ", gradient norm " + gradientNorm
                + "; a smaller learning rate usually helps");
    }
}
