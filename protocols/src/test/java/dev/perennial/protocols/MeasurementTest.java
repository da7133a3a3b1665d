package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasurementTest {
    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesALossThatIsNone(double loss) {
        assertEquals("measurement.loss", refused(1, loss, 0));
    }

    @Test
    void refusesWhatHasNoTokensOrNoPlace() {
        assertEquals("measurement.tokens", refused(0, 0, 0));
        assertEquals("measurement.herding_rank", refused(1, 0, -1));
    }

    private static String refused(int tokens, double loss, int rank) {
        ProblemException failure = assertThrows(
                ProblemException.class, () -> new Measurement("e", tokens, Optional.of(loss), Optional.of(rank)));
        return String.valueOf(failure.problem().param());
    }
}
