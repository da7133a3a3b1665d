package dev.perennial.learning.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.learning.ChatTemplate.Turn;
import dev.perennial.learning.LearningException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How files are cut into rows, and how errors are told. */
final class DataFileTest {
    private static final String TEXT = "{\"text\":\"Grüße\\nan alle\"}";
    private static final String COMPLETION = "{ \"prompt\": \"a ] , } \\\" \\\\\", \"completion\": \" [b{\" }";
    private static final String MESSAGES = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"
            + "{\"role\":\"assistant\",\"content\":\"Hello\"}]}";
    private static final List<DataRow> ROWS = List.of(
            new DataRow.Text("Grüße\nan alle"),
            new DataRow.Completion(new Exchange.Plain("a ] , } \" \\", " [b{")),
            new DataRow.Conversation(List.of(new Turn("user", "Hi"), new Turn("assistant", "Hello"))));

    @TempDir
    private Path directory = Path.of("");

    @Test
    void linesAndAnArrayGiveEqualRows() throws IOException {
        String lines = String.join("\n", TEXT, COMPLETION, MESSAGES);
        String array = "[" + String.join(",", TEXT, COMPLETION, MESSAGES) + "]";
        assertEquals(ROWS, read("a.jsonl", lines));
        assertEquals(ROWS, read("a.ndjson", lines + "\n"));
        assertEquals(ROWS, read("a.data", lines));
        assertEquals(ROWS, read("a.json", array));
        assertEquals(ROWS, read("a", " \n[\n" + String.join("\n,\t", TEXT, COMPLETION, MESSAGES) + "\n]\n"));
    }

    @Test
    void aByteOrderMarkCarriageReturnsAndBlankLinesArePassedOver() throws IOException {
        String lines = "\uFEFF\r\n" + String.join("\r\n \t\r\n", TEXT, COMPLETION, MESSAGES) + "\r\n\r\n";
        assertEquals(ROWS, read("a.jsonl", lines));
        assertEquals(ROWS, read("a", lines));
        assertEquals(ROWS, read("a.json", "\uFEFF[" + String.join(",\r\n", TEXT, COMPLETION, MESSAGES) + "]\r\n"));
    }

    @Test
    void rowsMayLieAcrossTheBoundsOfReadingBuffers() throws IOException {
        String long1 = "x".repeat(70_000);
        String row = "{\"text\":\"" + long1 + "\"}";
        List<DataRow> expected = List.of(new DataRow.Text(long1), new DataRow.Text(long1), ROWS.get(0));
        assertEquals(expected, read("a.jsonl", row + "\n" + row + "\n" + TEXT));
        assertEquals(expected, read("a.json", "[" + row + "," + row + "," + TEXT + "]"));
    }

    /** As UltraChat and UltraFeedback have it. */
    @Test
    void whatIsThereASecondTimeIsPassedOver() throws IOException {
        String messages = "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Yes\"}]";
        assertTrue(
                read("chat.jsonl", "{\"prompt\":\"Hi\",\"messages\":" + messages + "}")
                                .get(0)
                        instanceof DataRow.Conversation);
        String pair = "{\"prompt\":\"Hi\",\"chosen\":" + messages + ",\"rejected\":" + messages.replace("Yes", "No")
                + ",\"messages\":";
        assertTrue(read("pair.jsonl", pair + messages + "}").get(0) instanceof DataRow.Preference);
        assertTrue(refused("other.jsonl", pair + messages.replace("Yes", "So") + "}")
                .contains("found keys prompt, chosen, rejected, messages"));
        assertTrue(refused("else.jsonl", "{\"prompt\":\"Ho\",\"messages\":" + messages + "}")
                .contains("found keys prompt, messages"));
    }

    @Test
    void aBadRowIsToldWithItsLine() throws IOException {
        String lines = (TEXT + "\n").repeat(16) + "{\"prompt\":\"a\",\"chosen\":\"b\",\"id\":7,\"text\":null}\n" + TEXT;
        assertEquals(
                "data.jsonl line 17: found keys prompt, chosen, id; expected one of: text | prompt, completion"
                        + " | messages | conversations | prompt, chosen, rejected | chosen, rejected"
                        + " | prompt, completion, label",
                refused("data.jsonl", lines));
    }

    @Test
    void inAnArrayTheLineIsThatOfTheRowsFirstByte() throws IOException {
        assertTrue(refused("a.json", "[\n" + TEXT + ",\n\n\n{\"completion\":\n\"a\"}\n]")
                .startsWith("a.json line 5: found keys completion;"));
    }

    @Test
    void severalBadRowsAreTheFirstFiveAndTheirNumber() throws IOException {
        String lines = TEXT + "\n" + "{\"x\":1}\n{}\n{\"text\":3}\n" + TEXT + "\n" + "7\n".repeat(4);
        String[] told = refused("a.jsonl", lines).split("\n", -1);
        assertEquals("a.jsonl has 7 bad rows, of which these are the first 5:", told[0]);
        assertTrue(told[1].startsWith("a.jsonl line 2: found keys x; expected one of: text |"), told[1]);
        assertTrue(told[2].startsWith("a.jsonl line 3: found no keys; expected one of: text |"), told[2]);
        assertEquals("a.jsonl line 4: text: expected text; got a number", told[3]);
        assertEquals("a.jsonl line 6: expected a JSON object; got a number", told[4]);
        assertEquals("a.jsonl line 7: expected a JSON object; got a number", told[5]);
        assertEquals(6, told.length);
        assertTrue(refused("b.json", "[7,\n8]").startsWith("b.json has 2 bad rows:\nb.json line 1: "));
    }

    @Test
    void malformedJsonIsToldWithLineAndColumn() throws IOException {
        String cut = refused("a.jsonl", TEXT + "\n{\"text\":\"a\"\n" + TEXT);
        assertTrue(cut.startsWith("a.jsonl line 2: the JSON is malformed: Unexpected end-of-input"), cut);
        assertTrue(cut.endsWith(", at column 12") && !cut.contains("Source"), cut);
        String twice = refused("a.json", "[" + TEXT + ",\n{\"text\":\"a\",\n\"text\":\"b\"}]");
        assertTrue(twice.startsWith("a.json line 3: the JSON is malformed: Duplicate field 'text'"), twice);
        String two = refused("a.jsonl", TEXT + TEXT);
        assertTrue(two.startsWith("a.jsonl line 1: the JSON is malformed: "), two);
        String deep = refused("a.jsonl", "{\"text\":\"a\",\"x\":" + "[".repeat(100) + "]".repeat(100) + "}");
        assertTrue(deep.contains("nesting depth") && !deep.contains("StreamRead"), deep);
    }

    @Test
    void anArrayIsCheckedToItsEnd() throws IOException {
        assertEquals(
                "a.json line 2: the file ends inside of the array; expected ]", refused("a.json", "[" + TEXT + "\n"));
        assertEquals(
                "a.json line 2: the file ends inside of this row; expected the row's end and ]",
                refused("a.json", "[" + TEXT + ",\n{\"text\":\"a}]\n\n"));
        assertEquals(
                "a.json line 2: expected the end of the file after the array's ]; got more",
                refused("a.json", "[" + TEXT + "]\n" + TEXT));
        assertEquals("a.json line 1: expected a JSON object; got nothing", refused("a.json", "[" + TEXT + ",]"));
        assertEquals("a.json line 1: expected a JSON object; got nothing", refused("a.json", "[ ," + TEXT + "]"));
        String missing = refused("a.json", "[" + TEXT + "\n" + TEXT + "]");
        assertTrue(missing.startsWith("a.json line 2: the JSON is malformed: "), missing);
    }

    @Test
    void malformedUtf8IsToldWithItsLine() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((TEXT + "\n{\"text\":\"ab").getBytes(StandardCharsets.UTF_8));
        bytes.write(0xE9);
        bytes.writeBytes("\"}\n".getBytes(StandardCharsets.UTF_8));
        String expected = "expected UTF-8; got byte 0xE9 at byte 12 of the row, which is not";
        assertEquals("a.jsonl line 2: " + expected, refused("a.jsonl", bytes.toByteArray()));

        ByteArrayOutputStream array = new ByteArrayOutputStream();
        array.writeBytes("[{\n\n\"text\":\"a".getBytes(StandardCharsets.UTF_8));
        array.write(0xFF);
        array.writeBytes("\"}]".getBytes(StandardCharsets.UTF_8));
        String told = refused("a.json", array.toByteArray());
        assertTrue(told.startsWith("a.json line 3: expected UTF-8; got byte 0xFF"), told);
    }

    @Test
    void refusesALineOfMoreThan16MebibytesAndKeepsTheOthers() throws IOException {
        byte[] line = new byte[(16 << 20) + 1];
        Arrays.fill(line, (byte) ' ');
        byte[] row = TEXT.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(row, 0, line, 0, row.length);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((TEXT + "\n").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(line);
        assertEquals(
                "a.jsonl line 2: expected a row of at most 16777216 bytes; got a longer one",
                refused("a.jsonl", bytes.toByteArray()));
        Path fits = directory.resolve("fits.jsonl");
        Files.write(fits, Arrays.copyOf(line, 16 << 20));
        assertEquals(List.of(ROWS.get(0)), DataFile.read(fits).rows());
    }

    @Test
    void boundsRowsOfAnArrayAndTheirNumber() throws IOException {
        Path file = directory.resolve("a.json");
        Files.writeString(file, "[{\"text\":\"a\"},\n{\"text\":\"too long\"},{\"text\":\"b\"}]");
        var tooLong = assertThrows(LearningException.class, () -> DataFile.read(file, 13, 3));
        assertEquals("a.json line 2: expected a row of at most 13 bytes; got a longer one", tooLong.getMessage());
        assertEquals(3, DataFile.read(file, 100, 3).rows().size());
        var tooMany = assertThrows(LearningException.class, () -> DataFile.read(file, 100, 2));
        assertEquals("a.json: expected at most 2 rows; got more; split the file", tooMany.getMessage());
    }

    @Test
    void refusesAFileWithoutRows() throws IOException {
        for (String empty : List.of("", "\n \r\n", "\uFEFF", "[]", " [ \n ] ")) {
            String told = refused("a.json", empty);
            assertTrue(told.startsWith("a.json has no rows; expected JSON objects with keys text | "), told);
        }
        assertTrue(refused("a.jsonl", "\n").startsWith("a.jsonl has no rows"));
    }

    @Test
    void refusesWhatIsNoJsonByItsFirstByte() throws IOException {
        String expected = "expected JSON Lines, which begin with {, or a JSON array, which begins with [; got ";
        assertEquals("a.parquet: " + expected + "'P'", refused("a.parquet", "PAR1"));
        assertEquals("a.gz: " + expected + "byte 0x1F", refused("a.gz", new byte[] {0x1F, (byte) 0x8B}));
        assertTrue(refused("a.jsonl", "[" + TEXT + "]").contains("expected a JSON object; got a list"));
    }

    @Test
    void refusesAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.jsonl");
        var failure = assertThrows(LearningException.class, () -> DataFile.read(missing));
        assertTrue(String.valueOf(failure.getMessage()).startsWith("cannot read data file " + missing));
    }

    @Test
    void rowsThatAreTrainedDifferentlyDoNotMix() throws IOException {
        String preference = "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}";
        String labelled = "{\"prompt\":\"a\",\"completion\":\"b\",\"label\":true}";
        assertEquals(
                "a.jsonl line 3: expected a row of text, completion or conversation, as on line 2; got a preference row"
                        + " (chosen, rejected): these are trained differently and go into files of their own",
                refused("a.jsonl", "\n" + TEXT + "\n" + preference));
        assertTrue(refused("a.jsonl", preference + "\n" + labelled).contains("line 2: expected a preference row"));
        assertTrue(refused("a.jsonl", labelled + "\n" + TEXT).contains("line 2: expected a labelled row"));
    }

    private List<DataRow> read(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, content);
        return DataFile.read(file).rows();
    }

    private String refused(String name, String content) throws IOException {
        return refused(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private String refused(String name, byte[] content) throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, content);
        return String.valueOf(
                assertThrows(LearningException.class, () -> DataFile.read(file)).getMessage());
    }
}
