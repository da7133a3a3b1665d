package dev.perennial.settings;

/**
 * @param loadedVersions adapters kept in memory
 * @param batchRows completions written together
 * @param waitingRequests requests under way before more are refused
 */
public record ServingSettings(int loadedVersions, int batchRows, int waitingRequests) {
    static ServingSettings from(Section section) {
        return new ServingSettings(
                section.integer("loaded-versions", 1, 10_000),
                section.integer("batch-rows", 1, 64),
                section.integer("waiting-requests", 0, 100_000));
    }
}
