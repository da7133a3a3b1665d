package dev.perennial.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateAssignment;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.VersionId;
import dev.perennial.trainer.UpdateData.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The embedded base, and first updates of a domain that learns what the first one of the quickstart's story does. */
final class Companies implements AutoCloseable {
    private static final Path BASE = Path.of("src/main/resources/base");
    private static final Path STORY = Path.of("src/main/resources/quickstart/story.json");
    private static final DomainId ID = new DomainId("companies");

    final BaseModel base;
    final JsonNode story;
    private final GeneralSuite general;
    private int items;

    private Companies(BaseModel base, GeneralSuite general, JsonNode story) {
        this.base = base;
        this.general = general;
        this.story = story;
    }

    static Companies open() throws IOException {
        JsonNode story = new ObjectMapper()
                .readTree(Files.readAllBytes(STORY))
                .path("domains")
                .path(0);
        BaseModel base = BaseModel.open(BASE);
        return new Companies(base, GeneralSuite.read(BASE, new SequenceEncoder(base)), story);
    }

    @Override
    public void close() {
        base.close();
    }

    /** An answer as text. */
    Item pair(JsonNode prompt, JsonNode completion) {
        return item(new Example.Completion(prompt.asText(), completion.asText()));
    }

    /** With an id that no other has. */
    Item item(Example example) {
        return new Item("example-" + items++, example);
    }

    static DomainPolicy policy(int maxSteps) {
        return policy(training(maxSteps));
    }

    static DomainPolicy policy(DomainPolicy.Training training) {
        return new DomainPolicy(training, DomainPolicy.Gate.DEFAULT, DomainPolicy.Replay.DEFAULT);
    }

    static DomainPolicy.Training training(int maxSteps) {
        return training(maxSteps, DomainPolicy.Training.DEFAULT.batchSize());
    }

    static DomainPolicy.Training training(int maxSteps, int batchSize) {
        DomainPolicy.Training d = DomainPolicy.Training.DEFAULT;
        return new DomainPolicy.Training(
                d.rank(),
                d.alpha(),
                d.dropout(),
                d.targets(),
                d.learningRate(),
                d.epochs(),
                maxSteps,
                batchSize,
                d.documentWeight());
    }

    UpdateRun.Outcome run(UpdateData data, DomainPolicy policy) {
        return run(data, policy, progress -> {}, () -> false);
    }

    UpdateRun.Outcome run(
            UpdateData data, DomainPolicy policy, Consumer<Progress> progress, BooleanSupplier cancelled) {
        UpdateAssignment assignment = new UpdateAssignment(
                new UpdateId(ID, 1),
                1,
                new VersionId(ID, 0),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                policy,
                Optional.empty(),
                17,
                Optional.empty());
        return new UpdateRun(base, general, assignment, progress, cancelled)
                .run(data, Optional.empty(), Optional.empty());
    }
}
