package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.OwnAnswers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A base's own answers to its general prompts: decoded once a base, when a method first asks for them. Thread-safe. */
final class AnswersOfBase {
    private static final int MOST_TOKENS = 128;

    private final Map<String, List<Sequence>> byDigest = new HashMap<>();

    /**
     * @param asked the general prompts, the same ones every time
     * @param cancelled asked while the base answers; what was answered until then is lost
     */
    synchronized List<Sequence> of(BaseModel base, List<Sequence> asked, BooleanSupplier cancelled) {
        List<Sequence> known = byDigest.get(base.digest());
        if (known == null) {
            known = OwnAnswers.of(base, asked, MOST_TOKENS, cancelled);
            byDigest.put(base.digest(), known);
        }
        return known;
    }
}
