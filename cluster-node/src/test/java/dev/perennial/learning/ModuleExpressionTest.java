package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleExpressionTest {
    /** What re.fullmatch and re.match say of each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                ".*q_proj model.layers.0.self_attn.q_proj true true",
                ".*q_pro model.layers.0.self_attn.q_proj false true",
                "q_proj model.layers.0.self_attn.q_proj false false",
                "model\\.layers\\.(0|11)\\..*(q|v)_proj model.layers.11.self_attn.v_proj true true",
                "model\\.layers\\.(0|11)\\..*(q|v)_proj model.layers.1.self_attn.v_proj false false",
                "model.layers.[02-9].mlp.(?:up|gate)_proj model.layers.7.mlp.gate_proj true true",
                "model.layers.[^02-9].mlp.(?:up|gate)_proj model.layers.7.mlp.gate_proj false false",
                "(?P<path>\\w+\\.){3,5}up_proj model.layers.7.mlp.up_proj true true",
                "(\\w+\\.){5}up_proj model.layers.7.mlp.up_proj false false",
                "^.*?(?<=mlp\\.)up_proj$ model.layers.7.mlp.up_proj true true",
                ".*(?<!mlp\\.)up_proj model.layers.7.mlp.up_proj false false",
                "(?!.*mlp).* model.layers.7.mlp.up_proj false false",
                ".*\\bup_proj\\Z model.layers.7.mlp.up_proj true true",
                ".*\\Bup_proj model.layers.7.mlp.up_proj false false",
                "[]m]odel.*_{1}pro[j-] model.layers.7.mlp.up_proj true true",
                "a{,2}b{,b a{,2}b{,b false false",
                "a{,2}b{,b aab{,b true true",
                "(a*)*b aaaa false false",
                "()*x* xx true true",
            })
    void matchesAsPythonDoes(String expression, String path, boolean whole, boolean beginning) {
        ModuleExpression compiled = new ModuleExpression(expression);
        assertEquals(whole, compiled.matches(path));
        assertEquals(beginning, compiled.begins(path));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "(q)\\1 '\\1'",
                "(?i)Q_PROJ '(?i'",
                "(?>q) '(?>'",
                "(?(1)q) '(?('",
                "(?P=name) '(?P'",
                "q*+ possessive",
                "q** repetition",
                "*q '*'",
                "^* anchor",
                "\\p '\\p'",
                "q\\ backslash",
                "(q group",
                "q) ')'",
                "[q set",
                "[z-a] 'z-a'",
                "q{3,2} 3",
                "q{5000} 1000",
            })
    void refusesByNameWhatItDoesNotRead(String expression, String named) {
        var failure = assertThrows(LearningException.class, () -> new ModuleExpression(expression));
        assertTrue(References.message(failure).contains(named), failure.getMessage());
        assertTrue(References.message(failure).contains(expression), failure.getMessage());
    }

    /** Where backtracking would take 2 to the power of 40 steps, all positions at once take a few hundred. */
    @Test
    void needsFewStepsWhereBacktrackingNeedsForever() {
        String path = "a".repeat(40);
        assertEquals(false, new ModuleExpression("(a|a)*(a|a)*(a?){40}b").matches(path));
        assertEquals(true, new ModuleExpression("((a*)*)*" + "(|)".repeat(40)).matches(path));
    }

    @Test
    void givesUpAnExpressionThatTakesTooManySteps() {
        ModuleExpression expression = new ModuleExpression(".*(?=.*(?=.*(?=.*b)))c");
        var failure = assertThrows(LearningException.class, () -> expression.matches("a".repeat(60)));
        assertTrue(References.message(failure).contains("steps"), failure.getMessage());
    }

    @Test
    void refusesWhatIsTooLongOrTooDeep() {
        assertThrows(LearningException.class, () -> new ModuleExpression(""));
        assertThrows(LearningException.class, () -> new ModuleExpression("q".repeat(5000)));
        assertThrows(LearningException.class, () -> new ModuleExpression("(".repeat(100) + ")".repeat(100)));
        assertThrows(LearningException.class, () -> new ModuleExpression("q").matches("q".repeat(63)));
    }
}
