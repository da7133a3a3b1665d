package dev.perennial.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What Python's {@code str} does and Java's {@code String} does otherwise. */
final class Strings {
    private Strings() {}

    /** {@code str.isspace}; Java's notion leaves out the no-break spaces and NEL. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || c == 0x85 || c == 0xA0 || c == 0x2007 || c == 0x202F;
    }

    /** Whether there are blanks and nothing else. */
    static boolean isSpace(String text) {
        return !text.isEmpty() && text.codePoints().allMatch(Strings::isSpace);
    }

    static String stripRight(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String stripLeft(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String stripRight(String text, String characters) {
        int end = text.length();
        while (end > 0 && characters.indexOf(text.codePointBefore(end)) >= 0) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(0, end);
    }

    static String stripLeft(String text, String characters) {
        int start = 0;
        while (start < text.length() && characters.indexOf(text.codePointAt(start)) >= 0) {
            start += Character.charCount(text.codePointAt(start));
        }
        return text.substring(start);
    }

    /** {@code str.split()}: at runs of blanks. */
    static List<Object> splitAtSpace(String text, long most) {
        List<Object> parts = new ArrayList<>();
        String rest = stripLeft(text);
        while (!rest.isEmpty()) {
            int end = 0;
            while (end < rest.length() && !isSpace(rest.charAt(end))) {
                end++;
            }
            if (most >= 0 && parts.size() >= most) {
                parts.add(stripRight(rest));
                return parts;
            }
            parts.add(rest.substring(0, end));
            rest = stripLeft(rest.substring(end));
        }
        return parts;
    }

    /** {@code str.split(separator, most)}; a negative number is no bound. */
    static List<Object> split(String text, String separator, long most) {
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator);
                at >= 0 && (most < 0 || parts.size() < most);
                at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** {@code str.rsplit(separator, most)}. */
    static List<Object> splitFromRight(String text, String separator, long most) {
        List<Object> parts = new ArrayList<>();
        String rest = text;
        for (int at = rest.lastIndexOf(separator);
                at >= 0 && (most < 0 || parts.size() < most);
                at = rest.lastIndexOf(separator)) {
            parts.add(0, rest.substring(at + separator.length()));
            rest = rest.substring(0, at);
        }
        parts.add(0, rest);
        return parts;
    }

    /** {@code str.splitlines()} for the line ends that texts have in practice. */
    static List<Object> lines(String text) {
        return new ArrayList<>(text.lines().toList());
    }

    /** {@code str.replace(old, new, most)}; a negative number is no bound. */
    static String replace(String text, String old, String replacement, long most) {
        if (old.isEmpty()) {
            throw new TemplateException("replace of an empty text is not supported");
        }
        StringBuilder out = new StringBuilder();
        int from = 0;
        long done = 0;
        for (int at = text.indexOf(old); at >= 0 && (most < 0 || done < most); at = text.indexOf(old, from)) {
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            done++;
        }
        return out.append(text, from, text.length()).toString();
    }

    static long count(String text, String sought) {
        long count = 0;
        for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length())) {
            count++;
        }
        return count;
    }

    /** {@code str.title}: the first letter of every run of letters is large and the rest are small. */
    static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            boolean letter = Character.isLetter(c);
            out.appendCodePoint(!letter ? c : inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inside = letter;
        }
        return out.toString();
    }

    /** The filter {@code title}, for which words begin after blanks and opening brackets only. */
    static String titleOfWords(String text) {
        StringBuilder out = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            out.append(
                    inside
                            ? lower(Character.toString(c))
                            : Character.toString(c).toUpperCase(Locale.ROOT));
            inside = !(isSpace(c) || "-({[<".indexOf(c) >= 0);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first)) + lower(text.substring(Character.charCount(first)));
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** The value of a Python string literal. */
    static String unescape(String literal) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < literal.length()) {
            char c = literal.charAt(at);
            at++;
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escaped = literal.charAt(at);
            at++;
            int digits = switch (escaped) {
                case 'x' -> 2;
                case 'u' -> 4;
                case 'U' -> 8;
                default -> 0;
            };
            if (digits > 0) {
                out.appendCodePoint(hexadecimal(literal, at, digits));
                at += digits;
            } else {
                out.append(simple(escaped));
            }
        }
        return out.toString();
    }

    private static int hexadecimal(String literal, int from, int digits) {
        try {
            int value = Integer.parseInt(literal.substring(from, from + digits), 16);
            if (Character.isValidCodePoint(value)) {
                return value;
            }
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            // Both are told below, with the literal.
        }
        throw new TemplateException("the string '" + literal + "' has an escape that is not a character");
    }

    private static String simple(char escaped) {
        return switch (escaped) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case 'b' -> "\b";
            case 'f' -> "\f";
            case 'a' -> "\u0007";
            case 'v' -> "\u000b";
            case '0' -> "\0";
            case '\n' -> "";
            case '\\', '\'', '"' -> String.valueOf(escaped);
            default -> "\\" + escaped;
        };
    }
}
