package dev.perennial.simulations.world;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The word lists of {@code words.json}. A list separated by commas may hold phrases, one separated by blanks may not. */
record Words(Map<String, List<String>> lists) {
    static Words load() {
        var lists = new LinkedHashMap<String, List<String>>();
        resource("words.json", new TypeReference<LinkedHashMap<String, String>>() {})
                .forEach((name, words) -> lists.put(name, List.of(words.split(words.contains(",") ? "," : " ", -1))));
        return new Words(lists);
    }

    List<String> of(String name) {
        var words = lists.get(name);
        if (words == null) throw new IllegalArgumentException("words.json has no list \"" + name + "\"");
        return words;
    }

    static <T> T resource(String name, TypeReference<T> type) {
        try (InputStream stream = Words.class.getResourceAsStream(name)) {
            if (stream == null) throw new IllegalStateException("missing resource " + name);
            return new ObjectMapper().readValue(stream, type);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
