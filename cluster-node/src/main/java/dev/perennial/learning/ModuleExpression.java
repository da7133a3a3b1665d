package dev.perennial.learning;

/**
 * A regular expression of Python's {@code re} over module paths, as PEFT's configurations hold them.
 *
 * <p>It is evaluated by following all positions at once (Thompson 1968) instead of by backtracking: a path has less than
 * {@value #LONGEST_PATH} characters, so a set of positions is one long, and an expression that a user sends can take at
 * most {@value #MOST_STEPS} steps a path whatever it says. Greedy and lazy repetition give the same answer to whether
 * there is a match. What needs backtracking (references to groups, possessive repetition, atomic groups, conditions) and
 * inline flags are refused by name.
 */
final class ModuleExpression {
    static final int LONGEST_PATH = 63;
    static final int MOST_STEPS = 10_000;
    static final int LONGEST_EXPRESSION = 4096;

    private final String python;
    private final Node root;

    /** @throws LearningException where the expression is too long or is not one that is read; it names the place */
    ModuleExpression(String python) {
        this.python = python;
        if (python.isEmpty() || python.length() > LONGEST_EXPRESSION) {
            throw new LearningException("a regular expression over modules has 1 to " + LONGEST_EXPRESSION
                    + " characters; got " + python.length());
        }
        this.root = new ModuleExpressionParser(python).parse();
    }

    /** Whether the whole path matches, as {@code re.fullmatch} says. */
    boolean matches(String path) {
        return (ends(path) & (1L << path.length())) != 0;
    }

    /** Whether the path begins with a match, as {@code re.match} says. */
    boolean begins(String path) {
        return ends(path) != 0;
    }

    private long ends(String path) {
        if (path.length() >= LONGEST_PATH) {
            throw new LearningException("module path '" + path + "' has " + path.length()
                    + " characters; expressions are matched against less than " + LONGEST_PATH);
        }
        return new Run(path).ends(root, 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModuleExpression expression && python.equals(expression.python);
    }

    @Override
    public int hashCode() {
        return python.hashCode();
    }

    /** The expression as Python writes it. */
    @Override
    public String toString() {
        return python;
    }

    /** A part of an expression: from the positions where it may start to those where it may end; bit i is before character i. */
    interface Node {
        long ends(Run run, long starts);
    }

    /** One evaluation on one path. */
    final class Run {
        private final String path;
        private int steps;

        private Run(String path) {
            this.path = path;
        }

        long ends(Node node, long starts) {
            if (++steps > MOST_STEPS) {
                throw new LearningException("the regular expression '" + python + "' takes more than " + MOST_STEPS
                        + " steps on '" + path + "'; expected a simpler one");
            }
            return starts == 0 ? 0 : node.ends(this, starts);
        }

        int length() {
            return path.length();
        }

        char at(int position) {
            return path.charAt(position);
        }
    }
}
