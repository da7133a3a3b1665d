package dev.perennial.settings;

/**
 * The learning engine of this process, which training and serving share.
 *
 * @param threads processor threads of one operation
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
public record EngineSettings(int threads, String device) {
    static EngineSettings from(Section section) {
        return new EngineSettings(section.integer("threads", 1, 1024), section.text("device"));
    }
}
