package dev.perennial.learning.jinja;

import dev.perennial.learning.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Splits a template into tokens as {@code jinja2.lexer} does with {@code trim_blocks} and {@code lstrip_blocks}: the
 * first line end after a block or comment goes, and so do the blanks before it at the start of a line.
 */
final class Lexer {
    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%\\}\\s*|%\\})");
    private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#\\}|-#\\}\\s*|#\\}\\n?");
    private static final Pattern BLOCK_END = Pattern.compile("\\+%\\}|-%\\}\\s*|%\\}\\n?");
    private static final Pattern VARIABLE_END = Pattern.compile("-\\}\\}\\s*|\\}\\}");
    private static final Pattern FLOAT =
            Pattern.compile("(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][-+]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER = Pattern.compile("0|[1-9](?:_?\\d)*");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final Pattern STRING =
            Pattern.compile("'((?:[^'\\\\]|\\\\.)*+)'|\"((?:[^\"\\\\]|\\\\.)*+)\"", Pattern.DOTALL);
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean lineStarts = true;
    private int counted;
    private int line = 1;

    private Lexer(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    static List<Token> read(String source) {
        return new Lexer(source).read();
    }

    private List<Token> read() {
        while (at < source.length()) {
            int begin = nextBegin(at);
            if (begin < 0) {
                data(source.substring(at));
                at = source.length();
            } else {
                construct(begin);
            }
        }
        tokens.add(new Token(Kind.END, "", line()));
        return tokens;
    }

    private int nextBegin(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("%#{".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void construct(int begin) {
        char opener = source.charAt(begin + 1);
        char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
        data(stripped(source.substring(at, begin), sign, opener == '{'));
        Matcher raw = RAW_BEGIN.matcher(source).region(begin, source.length());
        if (opener == '%' && raw.lookingAt()) {
            raw(raw.end());
            return;
        }
        at = begin + (sign == '-' || sign == '+' ? 3 : 2);
        switch (opener) {
            case '#' -> {
                Matcher end = COMMENT_END.matcher(source);
                if (!end.find(begin + 2)) {
                    throw new TemplateException("line " + line() + ": a comment is not closed");
                }
                ended(end.end());
            }
            case '%' -> {
                tokens.add(new Token(Kind.BLOCK_BEGIN, "", line()));
                inside(BLOCK_END, Kind.BLOCK_END);
            }
            default -> {
                tokens.add(new Token(Kind.VARIABLE_BEGIN, "", line()));
                inside(VARIABLE_END, Kind.VARIABLE_END);
            }
        }
    }

    private void raw(int from) {
        Matcher end = RAW_END.matcher(source);
        if (!end.find(from)) {
            throw new TemplateException("line " + line() + ": a raw block is not closed");
        }
        lineStarts = source.charAt(from - 1) == '\n';
        String sign = end.group(1);
        data(stripped(source.substring(from, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), false));
        ended(end.end());
    }

    /** What is left of the text before a construct. */
    private String stripped(String text, char sign, boolean variable) {
        if (sign == '-') {
            return Strings.stripRight(text);
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean first = lineStart > 0 || lineStarts;
        return sign != '+' && !variable && first && Strings.isSpace(text.substring(lineStart))
                ? text.substring(0, lineStart)
                : text;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.DATA, text, line()));
        }
    }

    private void ended(int end) {
        lineStarts = source.charAt(end - 1) == '\n';
        at = end;
    }

    private void inside(Pattern endPattern, Kind endKind) {
        Deque<Character> open = new ArrayDeque<>();
        Matcher end = endPattern.matcher(source);
        while (true) {
            // As in Jinja2 the end is only looked for where no bracket is open: {{ {'a': {}} }}.
            if (open.isEmpty() && end.region(at, source.length()).lookingAt()) {
                tokens.add(new Token(endKind, "", line()));
                ended(end.end());
                return;
            }
            if (at >= source.length()) {
                throw new TemplateException("line " + line() + ": the template ends inside of a tag");
            }
            if (Strings.isSpace(source.codePointAt(at))) {
                at++;
            } else {
                token(open);
            }
        }
    }

    private void token(Deque<Character> open) {
        int line = line();
        String matched;
        if ((matched = match(FLOAT)) != null) {
            tokens.add(new Token(Kind.FLOAT, matched.replace("_", ""), line));
        } else if ((matched = match(INTEGER)) != null) {
            tokens.add(new Token(Kind.INTEGER, matched.replace("_", ""), line));
        } else if ((matched = match(NAME)) != null) {
            tokens.add(new Token(Kind.NAME, matched, line));
        } else if ((matched = match(STRING)) != null) {
            tokens.add(new Token(Kind.STRING, Strings.unescape(matched.substring(1, matched.length() - 1)), line));
        } else if ((matched = match(OPERATOR)) != null) {
            balance(open, matched.charAt(0));
            tokens.add(new Token(Kind.OPERATOR, matched, line));
        } else {
            throw new TemplateException("line " + line + ": unexpected character '" + source.charAt(at) + "'");
        }
    }

    private void balance(Deque<Character> open, char operator) {
        int opener = "([{".indexOf(operator);
        if (opener >= 0) {
            open.push(")]}".charAt(opener));
        } else if (")]}".indexOf(operator) >= 0 && (open.isEmpty() || open.pop() != operator)) {
            throw new TemplateException("line " + line() + ": unexpected '" + operator + "'");
        }
    }

    private @Nullable String match(Pattern pattern) {
        Matcher matcher = pattern.matcher(source).region(at, source.length());
        if (!matcher.lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher.group();
    }

    private int line() {
        for (; counted < Math.min(at, source.length()); counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }
}
