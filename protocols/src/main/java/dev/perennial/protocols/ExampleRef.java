package dev.perennial.protocols;

/**
 * An accepted example as the journal knows it: never its text.
 *
 * @param id the first 128 bits of the SHA-256 of its canonical form, in hex
 * @param tokens its length in tokens of the base model, at least 1
 * @param judges whether its answer can be judged right or wrong (it has a prompt), or only by likelihood (a document)
 */
public record ExampleRef(String id, int tokens, ExampleUse use, boolean judges) {}
