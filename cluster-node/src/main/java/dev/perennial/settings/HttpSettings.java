package dev.perennial.settings;

import java.time.Duration;

/**
 * The HTTP server.
 *
 * @param port 0 for any free one
 * @param maxBody bytes of a JSON body that is read as a whole
 * @param maxUpload bytes of a body that is read line by line
 * @param maxLine bytes of one of its lines
 * @param maxPromptCharacters of all messages, or of the prompt, of one completion
 * @param defaultMaxTokens for completions that do not say
 * @param askTimeout how long whoever is asked may take to answer
 * @param bodyTimeout how long a JSON body may take to arrive, and a refusal waits for the client to have sent its body
 * @param generationTimeout longest silence of a model
 * @param eventsInterval how often a watched update is looked at
 * @param heartbeatInterval when those who watch hear something at the latest
 * @param drain how long requests are still taken after {@code /ready} has turned 503
 * @param terminationDeadline how long requests in flight may take after that
 */
public record HttpSettings(
        String host,
        int port,
        long maxBody,
        long maxUpload,
        int maxLine,
        int maxPromptCharacters,
        int defaultMaxTokens,
        Duration askTimeout,
        Duration bodyTimeout,
        Duration generationTimeout,
        Duration eventsInterval,
        Duration heartbeatInterval,
        Duration drain,
        Duration terminationDeadline) {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SHORTEST = Duration.ofMillis(10);

    static HttpSettings from(Section section) {
        return new HttpSettings(
                section.text("host"),
                section.integer("port", 0, 65_535),
                section.bytes("max-body", 1 << 10, 1 << 30),
                section.bytes("max-upload", 1 << 10, 1L << 40),
                (int) section.bytes("max-line", 1 << 10, 1 << 26),
                section.integer("max-prompt-characters", 1, 10_000_000),
                section.integer("default-max-tokens", 1, 4096),
                section.duration("ask-timeout", SHORTEST, HOUR),
                section.duration("body-timeout", SHORTEST, HOUR),
                section.duration("generation-timeout", SHORTEST, HOUR),
                section.duration("events-interval", SHORTEST, MINUTE),
                section.duration("heartbeat-interval", SHORTEST, HOUR),
                section.duration("drain", Duration.ZERO, MINUTE),
                section.duration("termination-deadline", SHORTEST, MINUTE));
    }
}
