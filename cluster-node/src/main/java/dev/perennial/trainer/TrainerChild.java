package dev.perennial.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.TorchEngine;
import dev.perennial.protocols.Progress;
import dev.perennial.trainer.ChildMessage.Kind;
import dev.perennial.trainer.Workshop.Listener;
import dev.perennial.trainer.Workshop.Paused;
import dev.perennial.trainer.Workshop.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;

/**
 * One update in a process of its own, so that a crash of native code, or a kill for memory, ends this update alone. It ends with
 * its node: when there is nobody to hear it, it stops at once.
 */
public final class TrainerChild {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SIGN = Duration.ofSeconds(1);
    private static final int ORPHANED = 3;

    private final Options options;
    private final InputStream in;
    private final PrintStream out;
    private final UpdateControl control;

    /**
     * @param threads processor threads of one operation
     * @param directory in which the work lies
     */
    public record Options(Path base, String device, int threads, Path directory, Duration checkpointInterval) {}

    /**
     * @param in the node's lines
     * @param out what the node reads, and nothing else
     */
    public TrainerChild(Options options, InputStream in, PrintStream out) {
        this.options = options;
        this.in = in;
        this.out = out;
        this.control = new UpdateControl(
                new Listener() {
                    @Override
                    public void progress(Progress progress) {
                        say(new ChildMessage.Advanced(progress));
                    }

                    @Override
                    public void checkpoint(Path file, int step) {
                        say(new ChildMessage.Saved(file.getFileName().toString(), step));
                    }
                },
                options.checkpointInterval(),
                System::nanoTime);
    }

    /** Runs the update; whatever it comes to is said. */
    public void run() {
        daemon("perennial-node", this::listen);
        daemon("perennial-signs", this::giveSigns);
        say(outcome());
    }

    private ChildMessage outcome() {
        try {
            TorchEngine.load(options.threads());
            try (BaseModel base = BaseModel.open(options.base(), TorchEngine.device(options.device()))) {
                GeneralSuite general = GeneralSuite.read(options.base(), new SequenceEncoder(base));
                ChildFiles files = new ChildFiles(options.directory());
                Work work = files.take(base);
                UpdateRun.Outcome outcome = control.run(base, general, work);
                try {
                    files.made(base, outcome);
                } finally {
                    outcome.adapter().close();
                }
                return new ChildMessage.Done();
            }
        } catch (Paused paused) {
            return new ChildMessage.Stopped(Kind.PAUSED, String.valueOf(paused.getMessage()), paused.step());
        } catch (CancellationException cancelled) {
            return new ChildMessage.Stopped(Kind.CANCELLED, String.valueOf(cancelled.getMessage()), 0);
        } catch (IOException | RuntimeException failure) {
            String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
            return new ChildMessage.Stopped(Kind.FAILED, reason, 0);
        }
    }

    private void listen() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("pause")) {
                    control.pause();
                } else if (line.equals("cancel")) {
                    control.cancel();
                }
            }
        } catch (IOException nodeIsGone) {
            // a broken pipe says the same as its end
        } finally {
            Runtime.getRuntime().halt(ORPHANED);
        }
    }

    private void giveSigns() {
        while (true) {
            LockSupport.parkNanos(SIGN.toNanos());
            say(new ChildMessage.Silent(control.silence().toMillis()));
        }
    }

    private synchronized void say(ChildMessage message) {
        try {
            out.println(JSON.writerFor(ChildMessage.class).writeValueAsString(message));
            if (out.checkError()) {
                Runtime.getRuntime().halt(ORPHANED);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
