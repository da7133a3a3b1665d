package dev.perennial.settings;

import java.util.List;
import java.util.regex.Pattern;

/** Lists of {@code host:port}; an IPv6 address stands in brackets. */
final class HostAndPort {
    private static final Pattern FORM = Pattern.compile("(?<host>[^:\\s]+|\\[[0-9a-fA-F:.]+]):(?<port>\\d{1,5})");

    private HostAndPort() {}

    static List<String> list(Section section, String name) {
        List<String> texts = section.texts(name);
        for (String text : texts) {
            var match = FORM.matcher(text);
            int port = match.matches() ? Integer.parseInt(match.group("port")) : 0;
            if (port < 1 || port > 65_535) {
                throw new SettingsException(
                        section.path() + "." + name + " is a list of host:port, as in 10.0.0.5:9042; got " + text);
            }
        }
        return texts;
    }
}
