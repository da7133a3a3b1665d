package dev.perennial.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.continual.Fisher;
import dev.perennial.protocols.Candidate;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.trainer.Workshop.Trained;
import dev.perennial.trainer.Workshop.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a node and its training process hand each other in a directory: first the work, then what it came to. */
record ChildFiles(Path directory) {
    private static final ObjectMapper JSON =
            new ObjectMapper().registerModule(new Jdk8Module()).registerModule(new JavaTimeModule());

    /** @param checkpoint name of a file of the directory */
    private record Given(
            UpdateAssignment assignment,
            UpdateData data,
            boolean parent,
            boolean parentFisher,
            Optional<String> checkpoint) {}

    private record Made(Candidate draft, boolean fisher) {}

    /** Written by the node, which keeps none of it open. */
    void give(BaseModel base, Work work) throws IOException {
        if (work.parent().isPresent()) {
            PeftDirectory.write(base, work.parent().get(), parent());
        }
        if (work.parentFisher().isPresent()) {
            work.parentFisher().get().write(base, parentFisher());
        }
        JSON.writeValue(
                given().toFile(),
                new Given(
                        work.assignment(),
                        work.data(),
                        work.parent().isPresent(),
                        work.parentFisher().isPresent(),
                        work.checkpoint().map(file -> file.getFileName().toString())));
    }

    /** Read by the training process. */
    Work take(BaseModel base) throws IOException {
        Given given = JSON.readValue(given().toFile(), Given.class);
        return new Work(
                given.assignment(),
                given.data(),
                given.parent() ? Optional.of(PeftDirectory.read(base, parent())) : Optional.empty(),
                given.parentFisher() ? Optional.of(Fisher.read(base, parentFisher())) : Optional.empty(),
                directory,
                given.checkpoint().map(directory::resolve));
    }

    /** Written by the training process. */
    void made(BaseModel base, UpdateRun.Outcome outcome) throws IOException {
        PeftDirectory.write(base, outcome.adapter(), adapter());
        if (outcome.fisher().isPresent()) {
            outcome.fisher().get().write(base, fisher());
        }
        JSON.writeValue(
                outcome().toFile(),
                new Made(UpdateControl.draft(outcome), outcome.fisher().isPresent()));
    }

    /** Read by the node. */
    Trained trained(BaseModel base) throws IOException {
        Made made = JSON.readValue(outcome().toFile(), Made.class);
        return new Trained(
                PeftDirectory.read(base, adapter()),
                made.fisher() ? Optional.of(Fisher.read(base, fisher())) : Optional.empty(),
                made.draft());
    }

    /** Where the JVM of a training process writes why it crashed. */
    Path crash() {
        return directory.resolve("crash.log");
    }

    /** The lines of a crash report that say what happened; empty where there is none. */
    String crashReason() {
        if (!Files.isReadable(crash())) {
            return "";
        }
        try (var lines = Files.lines(crash())) {
            StringBuilder reason = new StringBuilder();
            lines.limit(30)
                    .filter(line -> line.startsWith("#"))
                    .map(line -> line.substring(1).strip())
                    .filter(line -> line.matches(
                            "SIG.*|.*Internal Error.*|fatal error:.*|C {2}\\[.*|V {2}\\[.*|.*OutOfMemory.*"))
                    .forEach(line -> reason.append("; ").append(line));
            return reason.toString();
        } catch (IOException | RuntimeException e) {
            throw new LearningException("cannot read " + crash() + ": " + e.getMessage(), e);
        }
    }

    private Path given() {
        return directory.resolve("given.json");
    }

    private Path parent() {
        return directory.resolve("parent");
    }

    private Path parentFisher() {
        return directory.resolve("parent-fisher.safetensors");
    }

    private Path outcome() {
        return directory.resolve("made.json");
    }

    private Path adapter() {
        return directory.resolve("adapter");
    }

    private Path fisher() {
        return directory.resolve("fisher.safetensors");
    }
}
