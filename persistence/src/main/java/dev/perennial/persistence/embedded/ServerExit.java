package dev.perennial.persistence.embedded;

import java.util.List;

/**
 * The end of one server process.
 *
 * @param status as the operating system gives it; 128 plus the signal's number after a signal
 * @param logTail its last lines, at most 20, oldest first
 */
public record ServerExit(long pid, int status, List<String> logTail) {
    public ServerExit {
        logTail = List.copyOf(logTail);
    }
}
