package dev.perennial.learning;

import dev.perennial.learning.ModuleExpression.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** Reads the syntax of Python's {@code re} into {@link Node}s; whatever it does not know, it refuses. */
final class ModuleExpressionParser {
    private static final Set<String> ANCHORS = Set.of("^", "$", "\\A", "\\Z", "\\b", "\\B");
    private static final int DEEPEST = 50;
    private static final int MOST_REPEATS = 1000;
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final String source;
    private int at;
    private int depth;

    ModuleExpressionParser(String source) {
        this.source = source;
    }

    Node parse() {
        Node root = alternatives();
        if (at < source.length()) {
            throw refused("')' that closes nothing");
        }
        return root;
    }

    private Node alternatives() {
        if (++depth > DEEPEST) {
            throw refused("more than " + DEEPEST + " groups in one another");
        }
        List<Node> branches = new ArrayList<>();
        do {
            branches.add(sequence());
        } while (take("|"));
        depth--;
        if (branches.size() == 1) {
            return branches.get(0);
        }
        return (run, starts) -> {
            long ends = 0;
            for (Node branch : branches) {
                ends |= run.ends(branch, starts);
            }
            return ends;
        };
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
            parts.add(repeated());
        }
        return (run, starts) -> {
            long ends = starts;
            for (Node part : parts) {
                ends = run.ends(part, ends);
            }
            return ends;
        };
    }

    private Node repeated() {
        boolean anchor = ANCHORS.contains(source.substring(at, at + 1))
                || ANCHORS.contains(source.substring(at, Math.min(at + 2, source.length())));
        Node once = atom();
        int begin = at;
        int[] times = times();
        if (at == begin) {
            return once;
        }
        if (anchor) {
            throw refused("repetition of an anchor");
        }
        take("?");
        if (at < source.length() && source.charAt(at) == '+') {
            throw refused("possessive repetition '" + source.substring(begin, at + 1) + "'");
        }
        begin = at;
        times();
        if (at > begin) {
            throw refused("repetition of a repetition '" + source.substring(begin, at) + "'");
        }
        return repeat(once, times[0], times[1]);
    }

    /** Least and most repetitions; 1 and 1 where nothing says so. A brace that is no count stands for itself. */
    private int[] times() {
        if (take("*")) {
            return new int[] {0, UNBOUNDED};
        }
        if (take("+")) {
            return new int[] {1, UNBOUNDED};
        }
        if (take("?")) {
            return new int[] {0, 1};
        }
        int begin = at;
        if (take("{")) {
            int least = number(0);
            int most = take(",") ? number(UNBOUNDED) : least;
            // "{}" is literal in Python, "{,}" counts from 0 on
            if (at > begin + 1 && take("}")) {
                if (least > most) {
                    throw refused("repetition from " + least + " to " + most + " times");
                }
                return new int[] {least, most};
            }
            at = begin;
        }
        return new int[] {1, 1};
    }

    private int number(int otherwise) {
        int begin = at;
        while (at < source.length() && digit(source.charAt(at))) {
            at++;
        }
        if (at == begin) {
            return otherwise;
        }
        if (at - begin > 4 || Integer.parseInt(source.substring(begin, at)) > MOST_REPEATS) {
            throw refused("more than " + MOST_REPEATS + " repetitions");
        }
        return Integer.parseInt(source.substring(begin, at));
    }

    private static Node repeat(Node once, int least, int most) {
        return (run, starts) -> {
            long ends = starts;
            for (int i = 0; i < least; i++) {
                long next = run.ends(once, ends);
                if (next == ends) {
                    break;
                }
                ends = next;
            }
            // a position is reached first by the fewest repetitions, so none needs to be followed twice
            long fresh = ends;
            for (int i = least; i < most && fresh != 0; i++) {
                fresh = run.ends(once, fresh) & ~ends;
                ends |= fresh;
            }
            return ends;
        };
    }

    private Node atom() {
        char c = source.charAt(at);
        int begin = at;
        times();
        if (at > begin) {
            throw refused("'" + source.substring(begin, at) + "' that repeats nothing");
        }
        return switch (c) {
            case '(' -> group();
            case '[' -> character(set());
            case '\\' -> escape();
            default -> {
                at++;
                yield plain(c);
            }
        };
    }

    private static Node plain(char c) {
        return switch (c) {
            case '.' -> character(x -> x != '\n');
            case '^' -> (run, starts) -> starts & 1;
            case '$' -> (run, starts) -> starts & (1L << run.length());
            default -> character(x -> x == c);
        };
    }

    private static Node character(IntPredicate accepts) {
        return (run, starts) -> {
            long ends = 0;
            for (int i = 0; i < run.length(); i++) {
                if ((starts & (1L << i)) != 0 && accepts.test(run.at(i))) {
                    ends |= 1L << (i + 1);
                }
            }
            return ends;
        };
    }

    private Node group() {
        int begin = at;
        at++;
        boolean plain = true;
        boolean behind = false;
        boolean negative = false;
        if (take("?")) {
            plain = take(":") || named();
            behind = !plain && take("<");
            negative = !plain && take("!");
            if (!plain && !negative && !take("=")) {
                throw refused("'" + source.substring(begin, Math.min(source.length(), at + 1)) + "'");
            }
        }
        Node body = alternatives();
        if (!take(")")) {
            throw refused("a group that does not end");
        }
        return plain ? body : look(body, behind, negative);
    }

    private boolean named() {
        if (!take("P<")) {
            return false;
        }
        int begin = at;
        while (at < source.length() && word(source.charAt(at))) {
            at++;
        }
        if (at == begin || digit(source.charAt(begin)) || !take(">")) {
            throw refused("a group without a proper name");
        }
        return true;
    }

    private static Node look(Node body, boolean behind, boolean negative) {
        return (run, starts) -> {
            long kept = 0;
            for (int i = 0; i <= run.length(); i++) {
                long here = 1L << i;
                if ((starts & here) != 0) {
                    // from anywhere before to here, or from here to anywhere
                    long found = behind ? run.ends(body, here | (here - 1)) & here : run.ends(body, here);
                    kept |= (found != 0) != negative ? here : 0;
                }
            }
            return kept;
        };
    }

    private Node escape() {
        char c = next();
        return switch (c) {
            case 'A' -> (run, starts) -> starts & 1;
            case 'Z' -> (run, starts) -> starts & (1L << run.length());
            case 'b' -> boundary(true);
            case 'B' -> boundary(false);
            default -> character(escaped(c));
        };
    }

    private static Node boundary(boolean wanted) {
        return (run, starts) -> {
            long kept = 0;
            for (int i = 0; i <= run.length(); i++) {
                boolean before = i > 0 && word(run.at(i - 1));
                boolean after = i < run.length() && word(run.at(i));
                kept |= (before != after) == wanted ? starts & (1L << i) : 0;
            }
            return kept;
        };
    }

    /** What stands after a backslash, which is taken too. */
    private char next() {
        at++;
        if (at == source.length()) {
            throw refused("a backslash at the end");
        }
        return source.charAt(at++);
    }

    private IntPredicate escaped(char c) {
        return switch (c) {
            case 'd' -> ModuleExpressionParser::digit;
            case 'D' -> x -> !digit(x);
            case 'w' -> ModuleExpressionParser::word;
            case 'W' -> x -> !word(x);
            case 's' -> Character::isWhitespace;
            case 'S' -> x -> !Character.isWhitespace(x);
            default -> {
                if (c < 128 && Character.isLetterOrDigit(c)) {
                    throw refused("'\\" + c + "'");
                }
                yield x -> x == c;
            }
        };
    }

    private IntPredicate set() {
        at++;
        boolean negative = take("^");
        IntPredicate accepts = x -> false;
        boolean first = true;
        // a bracket that comes first stands for itself
        while (first || !take("]")) {
            first = false;
            if (at >= source.length()) {
                throw refused("a set that does not end");
            }
            accepts = accepts.or(member());
        }
        return negative ? accepts.negate() : accepts;
    }

    private IntPredicate member() {
        boolean isEscape = source.charAt(at) == '\\';
        char low = isEscape ? next() : source.charAt(at++);
        IntPredicate single = isEscape ? escaped(low) : x -> x == low;
        if (at + 1 >= source.length() || source.charAt(at) != '-' || source.charAt(at + 1) == ']') {
            return single;
        }
        at++;
        boolean highIsEscape = source.charAt(at) == '\\';
        char high = highIsEscape ? next() : source.charAt(at++);
        if (high < low || (isEscape && letter(low)) || (highIsEscape && letter(high))) {
            throw refused("the range '" + low + "-" + high + "'");
        }
        return x -> x >= low && x <= high;
    }

    private boolean take(String expected) {
        boolean there = source.startsWith(expected, at);
        at += there ? expected.length() : 0;
        return there;
    }

    private static boolean digit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean letter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean word(int c) {
        return digit(c) || letter(c) || c == '_';
    }

    private LearningException refused(String what) {
        return new LearningException("the regular expression '" + source + "' has, by position "
                + Math.min(at, source.length()) + ", " + what
                + ", which is not read; read are characters, sets, '.', groups, '|', repetition, anchors, look-ahead and"
                + " look-behind");
    }
}
