package dev.perennial.simulations.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.simulations.cluster.Answers.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static Answer at(String domain, double seconds) {
        return new Answer(domain, seconds, 0.01);
    }

    @Test
    void aGapLastsFromOneSuccessToTheNextOfTheSameDomain() {
        List<Answer> answers = List.of(at("a", 1), at("b", 1.5), at("b", 2), at("a", 5), at("b", 5.5));
        assertEquals(4, Answers.longestGap(answers, 1.2, 4));
    }

    @Test
    void gapsThatEndBeforeOrBeginAfterTheSpanDoNotCount() {
        List<Answer> answers = List.of(at("a", 0), at("a", 10), at("a", 11), at("a", 12), at("a", 30));
        assertEquals(1, Answers.longestGap(answers, 10.5, 11.5));
    }

    @Test
    void aDomainThatNeverAnswersAgainIsAGapToTheEnd() {
        assertEquals(9, Answers.longestGap(List.of(at("a", 1)), 2, 10));
    }
}
