package dev.perennial.simulations.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CurriculumTest {
    private final MicroWorld world = MicroWorld.generate(1);

    private Curriculum curriculum(Set<String> settled) {
        return new Curriculum(world, settled, 5);
    }

    @Test
    void halfOfTheLessonsChangeWhatTheWorldKnowsAndHalfAreOfNewSubjects() {
        Set<String> subjects = world.facts().stream().map(Fact::subject).collect(Collectors.toSet());
        Set<Fact> facts = new HashSet<>(world.facts());
        for (String relation : curriculum(Set.of()).relations()) {
            List<Lesson> lessons = curriculum(Set.of()).lessons(relation, 3, 2, 4, 2);
            assertEquals(5, lessons.size());
            for (Lesson lesson : lessons) {
                Fact fact = lesson.fact();
                assertEquals(lesson.stale().isPresent(), subjects.contains(fact.subject()));
                lesson.stale()
                        .ifPresent(stale -> assertTrue(facts.contains(new Fact(relation, fact.subject(), stale))));
                assertNotEquals(lesson.stale().orElse(""), fact.answer());
            }
        }
    }

    @Test
    void isAskedInPhrasingsThatAreNotTaught() {
        for (Lesson lesson : curriculum(Set.of()).lessons("mayor", 2, 2, 36, 12)) {
            Set<String> taught = lesson.taught().stream().map(Exchange::prompt).collect(Collectors.toSet());
            assertEquals(36, taught.size());
            assertEquals(12, lesson.asked().size());
            lesson.asked().forEach(asked -> assertFalse(taught.contains(asked.prompt()), asked.prompt()));
        }
    }

    @Test
    void whatIsSettledDoesNotChange() {
        List<Fact> mayors = world.facts().stream()
                .filter(fact -> fact.relation().equals("mayor"))
                .toList();
        Set<String> settled = mayors.stream()
                .skip(2)
                .map(fact -> world.phrasing().trained(fact).get(7))
                .collect(Collectors.toSet());
        Set<String> changed = curriculum(settled).lessons("mayor", 2, 0, 1, 1).stream()
                .map(lesson -> lesson.fact().subject())
                .collect(Collectors.toSet());
        assertEquals(mayors.stream().limit(2).map(Fact::subject).collect(Collectors.toSet()), changed);
    }

    @Test
    void anotherTimeTheSameQuestionsHaveAnotherAnswer() {
        Curriculum curriculum = curriculum(Set.of());
        Lesson first = curriculum.lessons("river", 1, 0, 3, 2).get(0);
        Lesson again = curriculum.again(first);
        assertEquals(first.fact().answer(), again.stale().orElseThrow());
        assertNotEquals(first.fact().answer(), again.fact().answer());
        assertEquals(
                first.taught().stream().map(Exchange::prompt).toList(),
                again.taught().stream().map(Exchange::prompt).toList());
    }
}
