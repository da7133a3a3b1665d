package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.protocols.LearningMethod.Part;
import dev.perennial.protocols.LearningMethod.Start;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningMethodTest {
    @Test
    void replayIsShortForWhatItAlwaysMeant() {
        assertEquals(
                new LearningMethod(Start.LORA, Set.of(Part.BUFFER, Part.GENERAL, Part.DISTILLATION, Part.KNOWN)),
                LearningMethod.parse("lora+replay"));
        assertEquals(new LearningMethod(Start.LORA, Set.of()), LearningMethod.parse("lora"));
    }

    @ParameterizedTest
    @CsvSource({
        "lora, lora",
        "lora+replay, lora+replay",
        "lora+known+distillation+general+buffer, lora+replay",
        "lora+replay+general, lora+replay",
        "lora+ewc+replay, lora+replay+ewc",
        "lora+replay+gap, lora+replay+gap",
        "lora+gap+known, lora+gap",
        "lora+distillation+buffer, lora+buffer+distillation",
        "o-lora+general, o-lora+general",
        "lora+own, lora+general+own",
        "lora+neighbours+ewc+replay, lora+replay+ewc+neighbours",
        "o-lora+neighbours, o-lora+neighbours",
        "lora+own+replay, lora+replay+own",
        "stacked, stacked",
        "base+replay, base+replay",
        "joint+general, joint+general",
        "routed+ewc, routed+ewc"
    })
    void eachMethodHasOneName(String name, String canonical) {
        assertEquals(canonical, LearningMethod.parse(name).toString());
        assertEquals(LearningMethod.parse(name), LearningMethod.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "magic", "LORA", "lora+", "lora+magic", "+replay", "lora replay", "replay+lora"})
    void refusesUnknownWordsAndNamesTheKnown(String name) {
        assertEquals(
                "method is one of lora, stacked, o-lora, base, joint, routed, and then any of +replay, +buffer, +general,"
                        + " +own, +distillation, +known, +ewc, +gap, +neighbours; got '" + name + "'",
                refused(name));
    }

    @ParameterizedTest
    @CsvSource({
        "lora+ewc+ewc, names no part twice",
        "stacked+ewc, ewc holds parameters that training goes on from",
        "base+ewc, it goes with lora and routed; got it with base",
        "joint+neighbours, neighbours are what the parent knows that training goes on from",
        "base+neighbours, and base begins anew",
        "joint+replay, joint learns all that the buffer holds"
    })
    void refusesPartsThatDoNotGoTogether(String name, String message) {
        assertTrue(refused(name).contains(message), refused(name));
    }

    @Test
    void isItsNameInJson() throws Exception {
        ObjectMapper json = new ObjectMapper();
        LearningMethod method = LearningMethod.parse("lora+gap");
        assertEquals("\"lora+gap\"", json.writeValueAsString(method));
        assertEquals(method, json.readValue("\"lora+gap\"", LearningMethod.class));
    }

    private static String refused(String name) {
        ProblemException failure = assertThrows(ProblemException.class, () -> LearningMethod.parse(name));
        assertEquals("method", failure.problem().param());
        return failure.problem().message();
    }
}
