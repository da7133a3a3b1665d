package dev.perennial.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Example.Message;
import dev.perennial.trainer.UpdateData.Item;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Updates that learn preferences and labels, on the embedded base with the quickstart's story. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PreferenceUpdateTest {
    private static final double HALF = Math.log(0.5);
    private static final double NATS = 1e-6;
    private static final int FACTS = 6;

    private final List<JsonNode> changes = new ArrayList<>();
    private Companies companies;

    @BeforeAll
    void open() throws Exception {
        companies = Companies.open();
        companies.story.path("changed").forEach(changes::add);
    }

    @AfterAll
    void close() {
        companies.close();
    }

    @Test
    void thePreferredAnswerBecomesTheMoreProbableOneInWordsThatWereNotTrainedOn() {
        List<Item> train = new ArrayList<>();
        List<Item> heldOut = new ArrayList<>();
        for (JsonNode change : changes.subList(0, FACTS)) {
            change.path("taught").forEach(prompt -> train.add(preference(prompt, change)));
            heldOut.add(preference(change.path("asked").path(0), change));
        }
        Evaluation scores = run(new UpdateData(train, heldOut, List.of(), heldOut), 40);
        assertTrue(scores.newBefore().accuracy() <= 0.2, "the stale answer is the probable one: " + scores);
        assertTrue(scores.newAfter().accuracy() >= 0.5, scores::toString);
        assertEquals(FACTS, scores.newAfter().judged());
        assertEquals(HALF, scores.newBefore().logProbability(), NATS);
        assertTrue(scores.newAfter().logProbability() > 0.5 * HALF, "the margin is visible: " + scores);
        assertEquals(scores.newAfter(), scores.retainedAfter());
    }

    @Test
    void labelsAndPreferencesAreLearnedBesideAnswersAndReplayed() {
        List<Item> train = new ArrayList<>();
        List<Item> replay = new ArrayList<>();
        List<Item> heldOut = new ArrayList<>();
        for (JsonNode change : changes.subList(0, FACTS)) {
            JsonNode taught = change.path("taught").path(0);
            train.add(labelled(taught, change.path("fresh"), true));
            train.add(labelled(taught, change.path("stale"), false));
            train.add(companies.pair(taught, change.path("fresh")));
            replay.add(preference(taught, change));
            heldOut.add(labelled(change.path("asked").path(0), change.path("fresh"), true));
            heldOut.add(labelled(change.path("asked").path(0), change.path("stale"), false));
        }
        Evaluation scores = run(new UpdateData(train, heldOut, replay, List.of()), 20);
        assertEquals(0, scores.newAfter().judged(), "whether an answer is wanted is nothing a model is right about");
        assertEquals(2 * FACTS, scores.newAfter().examples());
        assertEquals(HALF, scores.newBefore().logProbability(), NATS);
        assertTrue(scores.newAfter().logProbability() > 0.8 * HALF, scores::toString);
    }

    private Item preference(JsonNode prompt, JsonNode change) {
        return companies.item(new Example.Preference(
                asked(prompt),
                change.path("fresh").asText(),
                change.path("stale").asText()));
    }

    private Item labelled(JsonNode prompt, JsonNode answer, boolean desirable) {
        return companies.item(new Example.Labelled(asked(prompt), answer.asText(), desirable));
    }

    private static List<Message> asked(JsonNode prompt) {
        return List.of(new Message("user", prompt.asText()));
    }

    private Evaluation run(UpdateData data, int steps) {
        UpdateRun.Outcome outcome = companies.run(data, Companies.policy(Companies.training(steps, 16)));
        outcome.adapter().close();
        return outcome.evaluation();
    }
}
