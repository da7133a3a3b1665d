package dev.perennial.quickstart;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What changes in the embedded base's world, made together with that base by {@code simulations.jar pretrain-base}.
 *
 * @param general questions about everything else that the base knows
 */
record Story(long seed, List<Domain> domains, List<Question> general) {
    /**
     * @param archive what the domain holds already and goes on being true
     * @param retained the same kind of facts in phrasings that nobody trains on
     */
    record Domain(
            String id, String description, List<Change> changed, List<Question> archive, List<Question> retained) {}

    /**
     * One fact that changed.
     *
     * @param taught phrasings in which users correct the model
     * @param documents texts that state the fresh answer
     * @param asked phrasings that are only ever asked
     */
    record Change(
            String subject,
            String relation,
            List<String> taught,
            List<String> documents,
            List<String> asked,
            String stale,
            String fresh) {}

    record Question(String prompt, String completion) {}

    static Story read() {
        try (InputStream in = Story.class.getResourceAsStream("/quickstart/story.json")) {
            if (in == null) {
                throw new IllegalStateException("resource /quickstart/story.json is not on the class path");
            }
            return new ObjectMapper()
                    .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
                    .readValue(in, Story.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
