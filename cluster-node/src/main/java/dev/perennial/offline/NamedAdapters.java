package dev.perennial.offline;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.PeftDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The adapters of a command line under their names, and last the bare base; close it. */
final class NamedAdapters implements AutoCloseable {
    /** The name of the bare base, as in the HTTP API. */
    static final String BASE = "base";

    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9._-]+)=(.+)");

    private final List<String> names = new ArrayList<>();
    private final List<Adapter> adapters = new ArrayList<>();

    /** @param options each {@code NAME=DIR}, or {@code DIR}, which is named as the directory is */
    NamedAdapters(BaseModel base, List<String> options) {
        Map<String, Path> directories = new LinkedHashMap<>();
        for (String option : options) {
            Matcher named = NAMED.matcher(option);
            Path directory = Path.of(named.matches() ? named.group(2) : option);
            String name = named.matches()
                    ? named.group(1)
                    : String.valueOf(directory.toAbsolutePath().normalize().getFileName());
            if (name.equals(BASE) || directories.put(name, directory) != null) {
                throw new LearningException("--adapter " + option + ": the name " + name
                        + (name.equals(BASE) ? " is the bare base's" : " is taken")
                        + "; give it one of its own as NAME=DIR");
            }
        }
        try {
            directories.forEach((name, directory) -> {
                adapters.add(PeftDirectory.read(base, directory));
                names.add(name);
            });
            adapters.add(Adapter.none(base));
            names.add(BASE);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    List<String> names() {
        return names;
    }

    /** How many there are beside the bare base. */
    int count() {
        return names.size() - 1;
    }

    Adapter get(int place) {
        return adapters.get(place);
    }

    @Override
    public void close() {
        adapters.forEach(Adapter::close);
    }
}
