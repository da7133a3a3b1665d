package dev.perennial.protocols;

/** Carries a problem through code that answers by value, up to where it is turned into an error reply. */
public final class ProblemException extends RuntimeException {
    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
