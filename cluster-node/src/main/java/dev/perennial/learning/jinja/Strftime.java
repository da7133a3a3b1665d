package dev.perennial.learning.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** {@code strftime_now}: C's directives for dates and times, in English. */
final class Strftime {
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('h', "MMM"),
            Map.entry('d', "dd"),
            Map.entry('m', "MM"),
            Map.entry('y', "yy"),
            Map.entry('Y', "yyyy"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('f', "SSSSSS"),
            Map.entry('p', "a"),
            Map.entry('j', "DDD"),
            Map.entry('F', "yyyy-MM-dd"),
            Map.entry('T', "HH:mm:ss"),
            Map.entry('D', "MM/dd/yy"),
            Map.entry('R', "HH:mm"));

    private Strftime() {}

    static String format(String format, ZonedDateTime time) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            boolean directive = format.charAt(at) == '%' && at + 1 < format.length();
            boolean bare = directive && at + 2 < format.length() && format.charAt(at + 1) == '-';
            int end = at + (bare ? 3 : directive ? 2 : 1);
            String piece = format.substring(at, end);
            out.append(bare ? unpadded(piece, time) : directive ? value(piece, time) : piece);
            at = end;
        }
        return out.toString();
    }

    private static String unpadded(String directive, ZonedDateTime time) {
        if ("dmHIMSj".indexOf(directive.charAt(2)) < 0) {
            throw new TemplateException("strftime_now does not support " + directive);
        }
        return String.valueOf(Integer.parseInt(value("%" + directive.charAt(2), time)));
    }

    private static String value(String directive, ZonedDateTime time) {
        char letter = directive.charAt(1);
        String pattern = PATTERNS.get(letter);
        if (letter == '%') {
            return "%";
        } else if (letter == 'e') {
            return "%2d".formatted(time.getDayOfMonth());
        } else if (pattern == null) {
            throw new TemplateException("strftime_now does not support " + directive);
        }
        return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
    }
}
