package dev.perennial.http;

import dev.perennial.protocols.GenerationRequest;

/**
 * What a completion call asks for.
 *
 * @param includeUsage whether a stream ends with a chunk that counts tokens
 */
record GenerationCall(GenerationRequest request, boolean stream, boolean includeUsage) {}
