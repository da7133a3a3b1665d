package dev.perennial.settings;

/**
 * @param loadedVersions adapters kept in memory
 * @param waitingRequests completions that wait before more are refused
 * @param threads processor threads of one completion; 0 for all
 */
public record ServingSettings(int loadedVersions, int waitingRequests, int threads) {
    static ServingSettings from(Section section) {
        return new ServingSettings(
                section.integer("loaded-versions", 1, 10_000),
                section.integer("waiting-requests", 0, 100_000),
                section.integer("threads", 0, 1024));
    }
}
