package dev.perennial.settings;

/**
 * The learning engine of this process, which training and serving share.
 *
 * @param threads processor threads of one operation
 */
public record EngineSettings(int threads) {
    static EngineSettings from(Section section) {
        return new EngineSettings(section.integer("threads", 1, 1024));
    }
}
