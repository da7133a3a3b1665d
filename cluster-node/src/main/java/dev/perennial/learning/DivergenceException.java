package dev.perennial.learning;

/** A step whose loss or gradient is not a finite number, or a loss that has run away. */
public final class DivergenceException extends LearningException {
    private static final long serialVersionUID = 1;

    DivergenceException(int step, double loss, double gradientNorm) {
        super("training diverged at step " + step + ": loss " + loss + ", gradient norm " + gradientNorm
                + "; a smaller learning rate usually helps");
    }

    /** For a loss that is finite but lost. */
    public DivergenceException(String message) {
        super(message);
    }

    private DivergenceException(String message, DivergenceException cause) {
        super(message, cause);
    }

    /** The same, which says of what batch, such as {@code rows 3 and 17 of data.jsonl}. */
    public DivergenceException of(String batch) {
        return new DivergenceException(getMessage() + "; the batch was " + batch, this);
    }
}
