package dev.perennial.settings;

/** A setting is unknown or bad. The message names the key and where it was set, and is meant for the operator. */
public final class SettingsException extends RuntimeException {
    public SettingsException(String message) {
        super(message);
    }
}
