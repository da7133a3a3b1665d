package dev.perennial.simulations.forgetting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.simulations.world.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GeneralTest {
    @Test
    void everyOtherLineIsMeasuredAndNoneOfThemReplayed() throws IOException {
        General general = General.read(Path.of("../cluster-node/src/main/resources/base"));
        assertEquals(300, general.measured().size());
        assertEquals(700, general.replayed().size());
        Set<String> measured = general.measured().stream().map(Exchange::prompt).collect(Collectors.toSet());
        Set<String> both = new HashSet<>(measured);
        both.retainAll(general.replayed().stream().map(Exchange::prompt).collect(Collectors.toSet()));
        assertTrue(both.isEmpty(), both.toString());
        assertEquals(1000, general.prompts().size());
    }
}
