package dev.perennial.learning.dataset;

/** Why a row cannot be used: what was expected and what came, and how many lines below the row's first line that is. */
final class BadRow extends Exception {
    private static final long serialVersionUID = 1;

    private final long linesDown;

    BadRow(String message) {
        this(0, message);
    }

    BadRow(long linesDown, String message) {
        super(message);
        this.linesDown = linesDown;
    }

    long linesDown() {
        return linesDown;
    }
}
