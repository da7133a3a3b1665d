package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rows of the example store are kept for ever: what is written today must be read by every later build. */
class ExampleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Example.Message> ASKED =
            List.of(new Example.Message("system", "Be brief"), new Example.Message("user", "Who runs it?"));
    private static final String ASKED_JSON =
            "[{\"role\":\"system\",\"content\":\"Be brief\"},{\"role\":\"user\",\"content\":\"Who runs it?\"}]";

    private static final Map<Example, String> ROWS = Map.of(
            new Example.Text("Mira runs it."),
            "{\"form\":\"text\",\"text\":\"Mira runs it.\"}",
            new Example.Completion("Who runs it?", "Mira"),
            "{\"form\":\"completion\",\"prompt\":\"Who runs it?\",\"completion\":\"Mira\"}",
            new Example.Messages(
                    List.of(new Example.Message("user", "Who runs it?"), new Example.Message("assistant", "Mira"))),
            "{\"form\":\"messages\",\"messages\":[{\"role\":\"user\",\"content\":\"Who runs it?\"},"
                    + "{\"role\":\"assistant\",\"content\":\"Mira\"}]}",
            new Example.Preference(ASKED, "Mira", "Tom"),
            "{\"form\":\"preference\",\"prompt\":" + ASKED_JSON + ",\"chosen\":\"Mira\",\"rejected\":\"Tom\"}",
            new Example.Labelled(ASKED, "Tom", false),
            "{\"form\":\"labelled\",\"prompt\":" + ASKED_JSON + ",\"completion\":\"Tom\",\"label\":false}");

    @Test
    void everyFormHasARow() {
        Set<Class<?>> sampled = ROWS.keySet().stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(Arrays.stream(Example.class.getPermittedSubclasses()).collect(Collectors.toSet()), sampled);
    }

    @Test
    void rowsAreWrittenAndReadInOneForm() throws Exception {
        for (Map.Entry<Example, String> row : ROWS.entrySet()) {
            assertEquals(row.getValue(), JSON.writerFor(Example.class).writeValueAsString(row.getKey()));
            assertEquals(row.getKey(), JSON.readValue(row.getValue(), Example.class));
        }
    }
}
