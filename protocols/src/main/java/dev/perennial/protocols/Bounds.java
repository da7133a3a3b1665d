package dev.perennial.protocols;

/** Range checks whose error names the parameter, the range and the value. */
public final class Bounds {
    private Bounds() {}

    public static int integer(String param, int value, int low, int high) {
        if (value < low || value > high) {
            throw new ProblemException(
                    Problem.invalid(param, param + " is an integer from " + low + " to " + high + "; got " + value));
        }
        return value;
    }

    public static double number(String param, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new ProblemException(
                    Problem.invalid(param, param + " is a number from " + low + " to " + high + "; got " + value));
        }
        return value;
    }

    /** @param longest in characters */
    public static String text(String param, String value, int longest) {
        if (value.length() > longest) {
            throw new ProblemException(
                    Problem.tooLarge(param, param + " is at most " + longest + " characters; got " + value.length()));
        }
        return value;
    }
}
