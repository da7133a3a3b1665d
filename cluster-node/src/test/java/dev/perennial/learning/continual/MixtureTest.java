package dev.perennial.learning.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraSettings;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.Parts.Part;
import dev.perennial.learning.tuning.Lesson;
import dev.perennial.learning.tuning.PreferenceLessons;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MixtureTest {
    private BaseModel base;

    @BeforeAll
    void open() {
        base = BaseModel.open(Path.of("src/test/resources/reference/untied"));
    }

    @AfterAll
    void close() {
        base.close();
    }

    private static List<Part> parts(String... ids) {
        return Arrays.stream(ids)
                .map(id ->
                        new Part(id, new Lesson.Likely(new Sequence(new int[] {1, 30, 2}, 1, true), Lesson.Kind.FRESH)))
                .toList();
    }

    private String drawn(int batches, ExperienceReplay replay, List<List<Part>> pools) {
        ContinualPlan plan = new ContinualPlan(
                new SequentialLora(),
                new ContinualPlan.Training(new LoraSettings(2, 4, 0, List.of("q_proj")), 1e-3, 0, 10, 1, 100, 1, 0.1),
                replay,
                SelfDistillation.NONE,
                ContinualPlan.Selection.ALL,
                Optional.empty(),
                0);
        Parts parts =
                new Parts(new PreferenceLessons(base, 0.1), pools.get(0), pools.get(1), pools.get(2), pools.get(3));
        Mixture mixture = new Mixture(plan, parts, true, 1, () -> false);
        for (int i = 0; i < batches; i++) {
            mixture.next();
        }
        return mixture.digest();
    }

    private static String digest(String ids) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(ids.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of 10: 2 earlier, 3 general, 1 neighbour, and 4 new. What is earlier comes in its own order first. */
    @Test
    void eachPoolHasItsPartOfABatch() throws Exception {
        ExperienceReplay replay = new ExperienceReplay(0.2, 0.3, 0.1);
        List<List<Part>> pools = List.of(
                parts("a", "b", "c", "d", "e", "f", "g", "h"), parts("1", "2", "3", "4"), parts("G"), parts("N"));
        assertEquals(digest("abcd12GGGN"), drawn(1, replay, pools));
        assertEquals(digest("abcd12GGGNefgh34GGGN"), drawn(2, replay, pools));
    }

    @Test
    void anEmptyPoolLeavesItsPartToTheGeneralOnesAndElseToTheEarlier() throws Exception {
        ExperienceReplay replay = new ExperienceReplay(0.2, 0.3, 0.1);
        List<Part> fresh = parts("a", "b", "c", "d");
        assertEquals(digest("abcdGGGGGN"), drawn(1, replay, List.of(fresh, List.of(), parts("G"), parts("N"))));
        assertEquals(digest("abcd11111N"), drawn(1, replay, List.of(fresh, parts("1"), List.of(), parts("N"))));
        assertEquals(digest("abcd11GGGG"), drawn(1, replay, List.of(fresh, parts("1"), parts("G"), List.of())));
        assertEquals(digest("abcdN"), drawn(1, replay, List.of(fresh, List.of(), List.of(), parts("N"))));
        assertEquals(digest("abcd"), drawn(1, replay, List.of(fresh, List.of(), List.of(), List.of())));
    }
}
