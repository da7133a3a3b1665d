package dev.perennial.simulations.forgetting;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Scoring;
import java.util.List;

/** How many answers are exactly right. */
final class Scores {
    private Scores() {}

    /** Share of the questions that greedy decoding answers exactly right, 0 to 1; 0 for none. */
    static double accuracy(BaseModel base, Adapter adapter, List<Question> questions) {
        return Scoring.score(
                        base,
                        adapter,
                        questions.stream().map(Question::sequence).toList())
                .stream()
                .mapToInt(result -> result.right() ? 1 : 0)
                .average()
                .orElse(0);
    }
}
