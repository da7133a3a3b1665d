package dev.perennial.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExampleStoreTest {
    /** Stored rows are found by these numbers. CRC-32 of "123456789" is 0xcbf43926, the check value of its definition. */
    @Test
    void bucketsAreTheLowByteOfTheCrcForEver() {
        assertEquals(0x26, ExampleStore.bucket("123456789"));
        assertEquals(0, ExampleStore.bucket(""));
    }
}
