package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ClusterCommandTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nodes=0 | --nodes is 1 to 9; got 0",
                "--minutes=0 | --minutes is above 0",
                "--writes=0 | --writes is 1 to 10000; got 0",
                "--domains=21 | --domains is 1 to 20; got 21",
                "--heap=1 | --heap is 128 to 65536; got 1",
                "--waiting=-1 | --waiting is 0 to 1000000; got -1",
                "--waiting=1000000 | --waiting times --domains is at most 1000000; got 1000000 times 2",
                "--quiet=0.5 | --quiet is 1 to 3600 seconds; got 0.5",
                "--heartbeat-pause=0 | --heartbeat-pause is 1 to 600 seconds; got 0.0",
                "--faults=kill,flood | got 'flood'",
                "--nodes=1 | partition needs --nodes 2 or more, got 1"
            })
    void refusesWhatIsOutOfBoundsAndSaysWhatIsNot(String option, String told) {
        StringWriter error = new StringWriter();
        assertEquals(2, run(error, option));
        assertTrue(error.toString().contains(told), error::toString);
    }

    @Test
    void refusesAReportThatItCouldNotWriteBeforeItBegins() throws Exception {
        StringWriter error = new StringWriter();
        assertEquals(2, run(error, "--report=" + directory));
        assertTrue(error.toString().contains("expected a file"), error::toString);
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals(2, run(error, "--report=" + file.resolve("report.json")));
        assertTrue(error.toString().contains("cannot be made"), error::toString);
    }

    @Test
    void refusesADirectoryOfAnotherRun() throws Exception {
        StringWriter error = new StringWriter();
        Path file = Files.writeString(directory.resolve("history.jsonl"), "");
        assertEquals(2, run(error, "--work=" + directory));
        assertTrue(
                error.toString()
                        .contains("expected a new or an empty directory; " + directory + " holds history.jsonl"),
                error::toString);
        assertEquals(2, run(error, "--work=" + file));
        assertTrue(error.toString().contains("expected a directory; " + file + " is none"), error::toString);
    }

    @Test
    void takesAnEmptyDirectoryAndLooksAtTheReportFirst() throws Exception {
        StringWriter error = new StringWriter();
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertEquals(2, run(error, "--work=" + empty, "--report=" + directory));
        assertTrue(error.toString().contains("--report: expected a file"), error::toString);
        assertEquals(2, run(error, "--work=" + directory.resolve("new"), "--report=" + directory));
        assertTrue(Files.notExists(directory.resolve("new")));
    }

    @Test
    void saysHowToRunAgainWhatWasRun() {
        ClusterOptions options = new ClusterOptions(
                3,
                Duration.ofSeconds(90),
                7,
                Set.of(Fault.SLOW_DISK, Fault.KILL),
                40,
                100,
                2,
                256,
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                directory);
        List<String> words = List.of(options.commandLine().split(" "));
        assertEquals(
                List.of(
                        "--nodes 3 --minutes 1.5 --seed 7 --faults kill,slow-disk --writes 40 --waiting 100 --domains 2 --heap 256 --quiet 20.0 --heartbeat-pause 2.0"
                                .split(" ")),
                words.subList(2, words.size()));
        new CommandLine(new ClusterCommand())
                .parseArgs(words.subList(2, words.size()).toArray(String[]::new));
    }

    private static int run(StringWriter error, String... arguments) {
        return new CommandLine(new ClusterCommand())
                .setErr(new PrintWriter(error, true))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return 1;
                })
                .execute(arguments);
    }
}
