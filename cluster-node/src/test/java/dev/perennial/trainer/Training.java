package dev.perennial.trainer;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.Checkpoint;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Lease;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.VersionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * A small update of the embedded base with everything around its trainer in memory: one domain that knows tokens and the
 * latest checkpoint, and stores that name what they hold by its content. It can be away for a while.
 */
final class Training {
    static final UpdateId UPDATE = new UpdateId(new DomainId("news"), 1);
    static final int STEPS = 4;

    final BaseModel base;
    final Path directory;
    final List<Checkpoint> checkpoints = new CopyOnWriteArrayList<>();
    final List<Candidate> candidates = new CopyOnWriteArrayList<>();
    final ConcurrentHashMap<String, byte[]> artifacts = new ConcurrentHashMap<>();
    final List<String> removed = new CopyOnWriteArrayList<>();
    /** Questions that get no answer before the next one does. */
    final AtomicInteger away = new AtomicInteger();

    /** Whether what is asked never gets an answer. */
    volatile boolean hung;

    volatile LongSupplier nanos = System::nanoTime;
    volatile List<String> train = List.of("Mira Castell", "Jon Abel");
    final AtomicLong token = new AtomicLong();

    Training(BaseModel base, Path directory) {
        this.base = base;
        this.directory = directory;
    }

    TrainingJob job(Workshop workshop) {
        return new TrainingJob(new Lease(UPDATE, token.incrementAndGet()), parts(workshop));
    }

    TrainingJob.Parts parts(Workshop workshop) {
        return new TrainingJob.Parts(
                workshop,
                (domain, command) -> asked(() -> answer(command)),
                (domain, ids) -> asked(() -> ids.stream()
                        .map(id -> (Example) new Example.Completion("Who runs Ironwood Systems?", id))
                        .toList()),
                new Adapters(),
                new Checkpoints(),
                directory,
                Duration.ZERO,
                20,
                nanos);
    }

    Workshop threads(Duration checkpointInterval, LongSupplier nanoTime) {
        return new ThreadWorkshop(base, new GeneralSuite(List.of(), List.of()), checkpointInterval, nanoTime);
    }

    private interface Question<T> {
        T answer() throws Exception;
    }

    private <T> CompletionStage<T> asked(Question<T> question) {
        if (hung) {
            return new CompletableFuture<>();
        }
        if (away.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return CompletableFuture.failedFuture(new TimeoutException("no answer"));
        }
        try {
            return CompletableFuture.completedFuture(question.answer());
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private DomainReply answer(DomainCommand command) {
        if (command instanceof DomainCommand.BeginUpdate begin) {
            return new DomainReply.Assigned(assignment(begin.token()));
        } else if (command instanceof DomainCommand.TakeCheckpoint take) {
            if (take.checkpoint().token() != token.get()) {
                return new DomainReply.Refused(Problem.conflict("token", "the latest token is " + token.get()));
            }
            checkpoints.add(take.checkpoint());
        } else if (command instanceof DomainCommand.SubmitCandidate submit) {
            candidates.add(submit.candidate());
        }
        return new DomainReply.Done();
    }

    private UpdateAssignment assignment(long under) {
        DomainPolicy.Training d = DomainPolicy.Training.DEFAULT;
        DomainPolicy policy = new DomainPolicy(
                new DomainPolicy.Training(
                        d.rank(),
                        d.alpha(),
                        0.1,
                        d.targets(),
                        d.learningRate(),
                        d.epochs(),
                        STEPS,
                        d.batchSize(),
                        d.documentWeight()),
                DomainPolicy.Gate.DEFAULT,
                DomainPolicy.Replay.DEFAULT);
        return new UpdateAssignment(
                UPDATE,
                under,
                new VersionId(UPDATE.domain(), 0),
                Optional.empty(),
                Optional.empty(),
                train,
                List.of(),
                List.of(),
                List.of(),
                policy,
                Optional.of("lora"),
                17,
                checkpoints.isEmpty() ? Optional.empty() : Optional.of(checkpoints.get(checkpoints.size() - 1)));
    }

    private String put(byte[] content) throws NoSuchAlgorithmException {
        String id =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        artifacts.put(id, content);
        return id;
    }

    private byte[] get(String id) throws IOException {
        byte[] content = artifacts.get(id);
        if (content == null) {
            throw new NoSuchFileException(id);
        }
        return content;
    }

    private final class Checkpoints implements CheckpointStore {
        @Override
        public CompletionStage<String> store(Path file) {
            return asked(() -> put(Files.readAllBytes(file)));
        }

        @Override
        public CompletionStage<Path> fetch(String artifact, Path file) {
            return asked(() -> Files.write(file, get(artifact)));
        }

        @Override
        public CompletionStage<?> remove(String artifact) {
            artifacts.remove(artifact);
            removed.add(artifact);
            return CompletableFuture.completedFuture(artifact);
        }
    }

    private final class Adapters implements AdapterStore {
        private final AtomicInteger stored = new AtomicInteger();

        @Override
        public CompletionStage<Adapter> load(String artifact) {
            throw new AssertionError(artifact);
        }

        @Override
        public CompletionStage<String> store(Adapter adapter) {
            return asked(() -> put(bytes(adapter)));
        }

        private byte[] bytes(Adapter adapter) {
            Path peft = directory.resolveSibling("peft-" + token.get() + "-" + stored.incrementAndGet());
            PeftDirectory.write(base, adapter, peft);
            try {
                return Files.readAllBytes(peft.resolve("adapter_model.safetensors"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public CompletionStage<Fisher> loadFisher(String artifact) {
            throw new AssertionError(artifact);
        }

        @Override
        public CompletionStage<String> storeFisher(Fisher fisher) {
            throw new AssertionError(fisher);
        }
    }

    /** Moves one nanosecond each time that it is looked at, and further when it is told to. */
    static final class NanoClock implements LongSupplier {
        private final AtomicInteger seconds = new AtomicInteger();
        private final AtomicInteger looks = new AtomicInteger();

        void pass(int more) {
            seconds.addAndGet(more);
        }

        @Override
        public long getAsLong() {
            return Duration.ofSeconds(seconds.get()).toNanos() + looks.incrementAndGet();
        }
    }

    static List<Integer> steps(List<Checkpoint> checkpoints) {
        return checkpoints.stream().map(Checkpoint::step).toList();
    }

    static List<Integer> allSteps() {
        return IntStream.rangeClosed(1, STEPS).boxed().toList();
    }
}
