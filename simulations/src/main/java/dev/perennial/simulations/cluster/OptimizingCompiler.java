package dev.perennial.simulations.cluster;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.ObjectName;

/**
 * The second compiler of this JVM, C2. The simulation shares its cores with the nodes that it measures, and C2 took a tenth of them;
 * nodes run without it too.
 */
final class OptimizingCompiler {
    /** See the command {@code Compiler.directives_add} of jcmd. */
    private static final String NOTHING = "[{match: \"*.*\", c2: {Exclude: true}}]";

    private OptimizingCompiler() {}

    /**
     * What it was to compile from now on is compiled by C1.
     *
     * @param scratch directory for a file, which is deleted
     * @return what the JVM says of it, for people; one that knows no such directives goes on as it is
     */
    static String off(Path scratch) {
        Path directives = scratch.resolve("compiler-directives.json");
        try {
            Files.writeString(directives, NOTHING);
            Object answer = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "compilerDirectivesAdd",
                            // As on a command line, where a blank ends what is not quoted.
                            new Object[] {new String[] {"\"" + directives + "\""}},
                            new String[] {String[].class.getName()});
            return String.valueOf(answer).strip();
        } catch (JMException | JMRuntimeException e) {
            return "this JVM takes no compiler directives: " + e;
        } catch (IOException e) {
            throw new SimulationException("cannot write " + directives + ": " + e.getMessage());
        } finally {
            directives.toFile().delete();
        }
    }
}
