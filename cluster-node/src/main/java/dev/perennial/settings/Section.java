package dev.perennial.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Reads one section; every error names the whole key, where it was set, and what was expected. */
record Section(Config config, String path) {
    Section section(String name) {
        return new Section(config, key(name));
    }

    String text(String name) {
        String text = read(name, "text", Config::getString);
        if (text.isBlank()) {
            throw bad(name, "text that is not empty");
        }
        return text;
    }

    Optional<String> optionalText(String name) {
        return Optional.of(read(name, "text, or nothing", Config::getString)).filter(text -> !text.isBlank());
    }

    List<String> texts(String name) {
        return List.copyOf(read(name, "a list of texts", Config::getStringList));
    }

    /** One of an enumeration's names, in lower case. */
    <E extends Enum<E>> E choice(String name, Class<E> type) {
        String text = text(name);
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> bad(
                        name,
                        "one of "
                                + Arrays.stream(type.getEnumConstants())
                                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }

    Path path(String name) {
        try {
            return Path.of(text(name));
        } catch (InvalidPathException e) {
            throw bad(name, "a path");
        }
    }

    Optional<Path> optionalPath(String name) {
        return read(name, "a path, or nothing", Config::getString).isBlank()
                ? Optional.empty()
                : Optional.of(path(name));
    }

    int integer(String name, int low, int high) {
        String expected = "an integer from " + low + " to " + high;
        int value = read(name, expected, Config::getInt);
        if (value < low || value > high) {
            throw bad(name, expected);
        }
        return value;
    }

    long bytes(String name, long low, long high) {
        String expected = "a size from " + low + " to " + high + " bytes, as in 8 MiB";
        long value = read(name, expected, Config::getBytes);
        if (value < low || value > high) {
            throw bad(name, expected);
        }
        return value;
    }

    Duration duration(String name, Duration low, Duration high) {
        String expected = "a duration from " + low.toMillis() + " ms to " + high.toMillis() + " ms, as in 10 s";
        Duration value = read(name, expected, Config::getDuration);
        if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
            throw bad(name, expected);
        }
        return value;
    }

    private <T> T read(String name, String expected, BiFunction<Config, String, T> reader) {
        try {
            return reader.apply(config, key(name));
        } catch (ConfigException.Missing e) {
            throw new SettingsException(key(name) + " is not set; expected " + expected);
        } catch (ConfigException.WrongType | ConfigException.BadValue e) {
            throw bad(name, expected);
        }
    }

    private SettingsException bad(String name, String expected) {
        var value = config.getValue(key(name));
        return new SettingsException(key(name) + " is " + expected + "; got " + value.render() + " ("
                + value.origin().description() + ")");
    }

    private String key(String name) {
        return path + "." + name;
    }
}
