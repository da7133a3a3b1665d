package dev.perennial.protocols;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import org.junit.jupiter.api.Test;

class DomainSnapshotTest {
    /** So that the journal is read from its beginning: what an older form leaves out, only the events know. */
    @Test
    void isNotReadFromAnotherForm() {
        ValueInstantiationException failure = assertThrows(
                ValueInstantiationException.class,
                () -> new ObjectMapper().readValue("{\"description\":\"old\",\"settled\":[]}", DomainSnapshot.class));
        assertTrue(
                String.valueOf(failure.getMessage()).contains("expected a domain's snapshot of form 6; got form 0"),
                failure.getMessage());
    }
}
