package dev.perennial.settings;

/**
 * @param loadedVersions adapters kept in memory
 * @param waitingRequests completions that wait before more are refused
 */
public record ServingSettings(int loadedVersions, int waitingRequests) {
    static ServingSettings from(Section section) {
        return new ServingSettings(
                section.integer("loaded-versions", 1, 10_000), section.integer("waiting-requests", 0, 100_000));
    }
}
