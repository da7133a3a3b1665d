package dev.perennial.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.Example.Message;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.VersionId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeedbackExamplesTest {
    private static final List<Message> QUESTION = List.of(new Message("user", "Who runs Acme?"));

    private static ServedCompletion served(boolean whole) {
        return new ServedCompletion(
                "chatcmpl-1",
                Optional.of(new VersionId(new DomainId("news"), 3)),
                QUESTION,
                Optional.empty(),
                "Ann, who",
                whole);
    }

    private static Optional<ParsedExample> taught(ServedCompletion served, String rating, Optional<String> correction) {
        return FeedbackExamples.of(served, rating, correction).main();
    }

    private static Optional<ParsedExample> fromFeedback(Example example) {
        return Optional.of(ExampleParser.of(example, ExampleUse.TRAIN, "feedback", "feedback:chatcmpl-1"));
    }

    @Test
    void aRatingAloneLabelsTheAnswer() {
        assertEquals(
                fromFeedback(new Example.Labelled(QUESTION, "Ann, who", true)),
                taught(served(true), "up", Optional.empty()));
        assertEquals(
                fromFeedback(new Example.Labelled(QUESTION, "Ann, who", false)),
                taught(served(true), "down", Optional.empty()));
    }

    @Test
    void praiseOfAnAnswerThatWasBrokenOffTeachesNoEnd() {
        assertEquals(Optional.empty(), taught(served(false), "up", Optional.empty()));
        assertEquals(
                fromFeedback(new Example.Labelled(QUESTION, "Ann, who", false)),
                taught(served(false), "down", Optional.empty()));
        assertEquals(
                fromFeedback(new Example.Messages(List.of(QUESTION.get(0), new Message("assistant", "Ann.")))),
                taught(served(false), "up", Optional.of("Ann.")));
    }

    @Test
    void aCorrectionOfWhatWasRatedDownIsPreferredToIt() {
        FeedbackExamples made = FeedbackExamples.of(served(true), "down", Optional.of("Bob."));
        assertEquals(
                fromFeedback(new Example.Preference(QUESTION, "Bob.", "Ann, who"))
                        .map(pair -> pair.withCompanion(made.main().orElseThrow())),
                made.preference());
        assertEquals(
                Optional.empty(),
                FeedbackExamples.of(served(true), "up", Optional.of("Bob.")).preference());
    }
}
