package dev.perennial.protocols;

/**
 * An accepted example as the journal knows it: never its text.
 *
 * @param id the first 128 bits of the SHA-256 of its canonical form, in hex
 * @param characters its length, at least 1
 * @param judged whether its answer is right or wrong (it has a prompt), or can only be more or less likely (a document)
 */
public record ExampleRef(String id, int characters, ExampleUse use, boolean judged) {}
