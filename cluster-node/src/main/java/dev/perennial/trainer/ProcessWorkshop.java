package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Updates in processes of their own, one for each. Nothing that happens there, whether a crash of native code, a kill for memory
 * or a call that hangs, touches the node; and what hangs is killed, so that nothing is left of it.
 */
final class ProcessWorkshop implements Workshop {
    private final BaseModel base;
    private final Program program;
    private final Duration checkpointInterval;
    private final LongSupplier nanoTime;
    private final AtomicInteger begun = new AtomicInteger();

    /**
     * How a training process is started.
     *
     * @param classPath of this program
     * @param jvmOptions for instance {@code -Xmx2g}
     * @param base directory of the base
     */
    record Program(String classPath, List<String> jvmOptions, Path base, String device, int threads) {
        Program {
            jvmOptions = List.copyOf(jvmOptions);
        }

        /** This program's own Java, with the hidden command {@code trainer-child}. */
        List<String> command(Path directory, Path crash, Duration checkpointInterval) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-XX:ErrorFile=" + crash);
            command.add("-XX:-CreateCoredumpOnCrash");
            command.addAll(jvmOptions);
            command.addAll(List.of("-cp", classPath, "dev.perennial.Main", "trainer-child"));
            command.addAll(List.of("--base", base.toAbsolutePath().toString(), "--device", device));
            command.addAll(List.of("--threads", String.valueOf(threads), "--directory", directory.toString()));
            command.addAll(List.of("--checkpoint-millis", String.valueOf(checkpointInterval.toMillis())));
            return command;
        }
    }

    ProcessWorkshop(BaseModel base, Program program, Duration checkpointInterval, LongSupplier nanoTime) {
        this.base = base;
        this.program = program;
        this.checkpointInterval = checkpointInterval;
        this.nanoTime = nanoTime;
    }

    /** What hangs is killed. */
    @Override
    public boolean isUsable() {
        return true;
    }

    @Override
    public Running begin(Work work, Listener listener) {
        ChildFiles files = new ChildFiles(work.directory().toAbsolutePath());
        List<String> command = program.command(files.directory(), files.crash(), checkpointInterval);
        ChildRun run = new ChildRun(base, work, listener, files, command, nanoTime);
        BackgroundThread.start("perennial-training-process-" + begun.incrementAndGet(), run);
        return run;
    }
}
