package dev.perennial.intake;

import dev.perennial.protocols.Example;
import dev.perennial.protocols.Example.Message;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What feedback teaches. A correction is what should have been answered, learned as any answer; where what was served was
 * rated down it is also a preference of the one to the other, which is held out where the answer is. A rating alone is a
 * labelled completion; but praise of an answer that was broken off is none, or the model would learn to end there.
 *
 * @param main of the correction or, without one, of the rating; a rating of an answer that no example can hold is none
 * @param preference empty without a correction, or where the served answer is the corrected one
 */
record FeedbackExamples(Optional<ParsedExample> main, Optional<ParsedExample> preference) {
    private static final String SOURCE = "feedback";
    private static final String DOWN = "down";

    static FeedbackExamples of(ServedCompletion served, String rating, Optional<String> correction) {
        List<Message> prompt =
                served.prompt().map(text -> List.of(new Message("user", text))).orElse(served.messages());
        boolean down = rating.equals(DOWN);
        if (correction.isEmpty() && !down && !served.whole()) {
            return new FeedbackExamples(Optional.empty(), Optional.empty());
        }
        if (correction.isEmpty()) {
            return new FeedbackExamples(
                    possible(() -> example(served, new Example.Labelled(prompt, served.answer(), !down))),
                    Optional.empty());
        }
        ParsedExample main = example(served, corrected(served, correction.get()));
        return new FeedbackExamples(
                Optional.of(main),
                down
                        ? possible(() -> example(
                                        served, new Example.Preference(prompt, correction.get(), served.answer())))
                                .map(pair -> pair.withCompanion(main))
                        : Optional.empty());
    }

    private static Example corrected(ServedCompletion served, String correction) {
        if (served.prompt().isPresent()) {
            return new Example.Completion(served.prompt().get(), correction);
        }
        List<Message> messages = new ArrayList<>(served.messages());
        messages.add(new Message("assistant", correction));
        return new Example.Messages(messages);
    }

    private static ParsedExample example(ServedCompletion served, Example example) {
        return ExampleParser.of(example, ExampleUse.TRAIN, SOURCE, SOURCE + ":" + served.id());
    }

    /** What was served may be empty, or equal to the correction, or too long beside it: feedback is welcome all the same. */
    private static Optional<ParsedExample> possible(Supplier<ParsedExample> example) {
        try {
            return Optional.of(example.get());
        } catch (ProblemException none) {
            return Optional.empty();
        }
    }
}
