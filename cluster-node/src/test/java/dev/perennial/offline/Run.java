package dev.perennial.offline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What one command line gave. */
record Run(int code, String out, String err) {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Path REFERENCE = Path.of("src/test/resources/reference");
    static final Path OPTIONS = REFERENCE.resolve("options");
    static final Path ARCHITECTURES = REFERENCE.resolve("architectures");
    static final Path EMBEDDED = Path.of("src/main/resources/base");

    static Run of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return new Run(line.execute(texts), out.toString(), err.toString());
    }

    /** The lines of JSON of a command that went well. */
    List<JsonNode> rows() throws IOException {
        assertEquals(0, code, err);
        return rowsAnyway();
    }

    List<JsonNode> rowsAnyway() throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : out.lines().toList()) {
            rows.add(JSON.readTree(line));
        }
        return rows;
    }

    /** Asserts that it failed without a stack trace and told these texts. */
    void failed(int expected, String... told) {
        assertEquals(expected, code, err);
        for (String each : told) {
            assertEquals(true, err.contains(each), "expected '" + each + "' in: " + err);
        }
        assertEquals(false, err.contains("\tat "), err);
    }

    static Path file(Path directory, String... lines) throws IOException {
        return Files.write(directory.resolve("input.jsonl"), List.of(lines));
    }
}
