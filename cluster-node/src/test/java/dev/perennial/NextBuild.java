package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The program as it may be one day: today's sources with {@code next-build.txt} applied, compiled. That file is a list of
 *
 * <pre>
 * file MODULE/SOURCE
 * find
 * TEXT
 * replace
 * TEXT
 * end
 * </pre>
 *
 * where each text to find must be in its file once.
 */
final class NextBuild {
    private static final Pattern CHANGE =
            Pattern.compile("^file (\\S+)\n((?:find\n.*?\nreplace\n.*?\nend\n)+)", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern EDIT = Pattern.compile("find\n(.*?)\nreplace\n(.*?)\nend\n", Pattern.DOTALL);
    private static final Path ROOT = Path.of("..");
    private static final Path TARGET = Path.of("target");

    private NextBuild() {}

    /** @return the directory of the classes that differ from those of the jar */
    static Path compile(Path directory) throws IOException {
        Path sources = directory.resolve("sources");
        List<Path> changed = new ArrayList<>();
        Matcher changes = CHANGE.matcher(Files.readString(Path.of("src/test/resources/next-build.txt")));
        while (changes.find()) {
            Path source = Path.of(changes.group(1).replace(":", "/src/main/java/dev/perennial/"));
            Path next = sources.resolve(source);
            Files.createDirectories(next.getParent());
            changed.add(Files.writeString(next, edited(source, changes.group(2))));
        }
        Path classes = Files.createDirectories(directory.resolve("classes"));
        compile(changed, classes);
        return classes;
    }

    private static String edited(Path source, String edits) throws IOException {
        String text = Files.readString(ROOT.resolve(source));
        Matcher each = EDIT.matcher(edits);
        while (each.find()) {
            assertEquals(2, text.split(Pattern.quote(each.group(1)), -1).length, () -> source + ": " + each.group(1));
            text = text.replace(each.group(1), each.group(2));
        }
        return text;
    }

    private static void compile(List<Path> sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (Stream<Path> libraries = Files.list(TARGET.resolve("lib"));
                StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            String classPath = Stream.concat(Stream.of(TARGET.resolve("perennial.jar")), libraries)
                    .map(Path::toString)
                    .collect(Collectors.joining(java.io.File.pathSeparator));
            List<String> options = List.of(
                    "-proc:none",
                    "-parameters",
                    "-nowarn",
                    "--release",
                    "17",
                    "-d",
                    classes.toString(),
                    "-cp",
                    classPath);
            boolean compiled = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            assertEquals(true, compiled, said::toString);
        }
    }
}
