package dev.perennial.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.trainer.Workshop.Listener;
import dev.perennial.trainer.Workshop.Paused;
import dev.perennial.trainer.Workshop.Running;
import dev.perennial.trainer.Workshop.Trained;
import dev.perennial.trainer.Workshop.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A training process, from the node's side: its life on one thread, and how others reach it. Thread-safe. */
final class ChildRun implements Running, Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ChildRun.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LAST_LINES = 5;
    /** What Java answers for a process that a signal ended. */
    private static final int SIGNALLED = 128;

    private static final Map<Integer, String> SIGNALS = Map.of(
            4, "SIGILL",
            6, "SIGABRT",
            7, "SIGBUS",
            8, "SIGFPE",
            9, "SIGKILL, as the system does when memory runs out",
            11, "SIGSEGV",
            15, "SIGTERM");

    private final BaseModel base;
    private final Work work;
    private final Listener listener;
    private final ChildFiles files;
    private final List<String> command;
    private final LongSupplier nanoTime;
    private final CompletableFuture<Trained> result = new CompletableFuture<>();
    private final Deque<String> lastLines = new ArrayDeque<>();
    private volatile long heard;
    private volatile long silentMillis;
    private @Nullable Process process;
    private boolean pauseWanted;
    private boolean cancelWanted;
    private boolean abandoned;

    ChildRun(
            BaseModel base,
            Work work,
            Listener listener,
            ChildFiles files,
            List<String> command,
            LongSupplier nanoTime) {
        this.base = base;
        this.work = work;
        this.listener = listener;
        this.files = files;
        this.command = command;
        this.nanoTime = nanoTime;
        this.heard = nanoTime.getAsLong();
    }

    @Override
    public void run() {
        try {
            files.give(base, work);
            Process child = start();
            try {
                Optional<ChildMessage> last = follow(child);
                Trained trained = outcome(last, child.waitFor());
                if (!result.complete(trained)) {
                    trained.adapter().close();
                }
            } finally {
                child.destroyForcibly();
            }
        } catch (Throwable failure) {
            result.completeExceptionally(failure);
        } finally {
            work.parent().ifPresent(Adapter::close);
        }
    }

    private synchronized Process start() throws IOException {
        if (abandoned) {
            throw new CancellationException("abandoned before its process was started");
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(files.directory().toFile());
        // Those are the node's, such as the share of the memory that its heap may have; the child's are in the
        // settings.
        List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").forEach(builder.environment()::remove);
        Process child = builder.start();
        process = child;
        Thread errors = new Thread(() -> keepErrors(child), "perennial-training-errors-" + child.pid());
        errors.setDaemon(true);
        errors.start();
        if (pauseWanted) {
            tell("pause");
        }
        if (cancelWanted) {
            tell("cancel");
        }
        return child;
    }

    /** @return what it came to; empty where the process ended without a word */
    private Optional<ChildMessage> follow(Process child) throws IOException {
        Optional<ChildMessage> last = Optional.empty();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard = nanoTime.getAsLong();
                ChildMessage message = parse(line);
                if (message == null) {
                    LOG.warn("A training process said what is no message: {}", line);
                } else if (message instanceof ChildMessage.Advanced advanced) {
                    listener.progress(advanced.progress());
                } else if (message instanceof ChildMessage.Saved saved) {
                    listener.checkpoint(files.directory().resolve(saved.file()), saved.step());
                } else if (message instanceof ChildMessage.Silent silent) {
                    silentMillis = silent.millis();
                } else {
                    last = Optional.of(message);
                }
            }
        }
        return last;
    }

    /** Null for what a native library may have printed between the messages. */
    private static @Nullable ChildMessage parse(String line) {
        try {
            return JSON.readValue(line, ChildMessage.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private Trained outcome(Optional<ChildMessage> last, int status) throws IOException {
        if (last.isEmpty()) {
            throw new LearningException("the training process ended with status " + status + signal(status)
                    + files.crashReason() + lastWords());
        }
        if (last.get() instanceof ChildMessage.Done) {
            return files.trained(base);
        }
        if (last.get() instanceof ChildMessage.Stopped stopped) {
            throw switch (stopped.kind()) {
                case PAUSED -> new Paused(stopped.step());
                case CANCELLED -> new CancellationException(stopped.reason());
                case FAILED -> new LearningException(stopped.reason());
            };
        }
        throw new AssertionError(last);
    }

    private static String signal(int status) {
        return Optional.ofNullable(SIGNALS.get(status - SIGNALLED))
                .map(name -> " (" + name + ")")
                .orElse("");
    }

    private synchronized String lastWords() {
        return lastLines.isEmpty() ? "" : "; its last words: " + String.join(" / ", lastLines);
    }

    private void keepErrors(Process child) {
        try (BufferedReader lines = child.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                keep(line);
                LOG.info("{}: {}", work.assignment().update(), line);
            }
        } catch (IOException closed) {
            LOG.debug("the errors of a training process were cut short", closed);
        }
    }

    private synchronized void keep(String line) {
        if (!line.isBlank() && !line.startsWith("#")) {
            lastLines.addLast(line.strip());
            if (lastLines.size() > LAST_LINES) {
                lastLines.removeFirst();
            }
        }
    }

    @Override
    public CompletionStage<Trained> result() {
        return result;
    }

    @Override
    public synchronized void pause() {
        pauseWanted = true;
        tell("pause");
    }

    @Override
    public synchronized void cancel() {
        cancelWanted = true;
        tell("cancel");
    }

    @Override
    public void abandon(String reason) {
        kill();
        result.completeExceptionally(new LearningException(reason));
    }

    private synchronized void kill() {
        abandoned = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** A process that is no more needs to hear nothing. */
    private synchronized void tell(String word) {
        if (process != null) {
            try {
                Writer writer = process.outputWriter(StandardCharsets.UTF_8);
                writer.write(word + "\n");
                writer.flush();
            } catch (IOException gone) {
                LOG.debug("a training process did not hear {}", word, gone);
            }
        }
    }

    @Override
    public Duration silence() {
        return Duration.ofMillis(silentMillis).plusNanos(nanoTime.getAsLong() - heard);
    }
}
