package dev.perennial.protocols;

import java.util.List;

/** The gate's verdict and what it stands on. */
public record GateReport(boolean passed, List<Check> checks) {
    public GateReport {
        checks = List.copyOf(checks);
    }

    /**
     * @param name {@code new}, {@code retained} or {@code general}
     * @param limit what {@code after} had to reach
     */
    public record Check(String name, double before, double after, double limit, boolean passed, String explanation) {}
}
