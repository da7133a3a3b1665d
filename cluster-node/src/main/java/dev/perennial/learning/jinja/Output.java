package dev.perennial.learning.jinja;

/** Text as it is written, bounded. */
final class Output {
    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    Output(Budget budget) {
        this.budget = budget;
    }

    void write(String piece) {
        if (text.length() + (long) piece.length() > Budget.LARGEST_TEXT) {
            throw new TemplateException("the template wrote more than " + Budget.LARGEST_TEXT + " characters");
        }
        budget.charge(piece.length());
        text.append(piece);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
