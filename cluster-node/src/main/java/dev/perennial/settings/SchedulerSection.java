package dev.perennial.settings;

import dev.perennial.domain.SchedulerSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The section {@code perennial.scheduler}. */
final class SchedulerSection {
    private static final Pattern BUDGET = Pattern.compile("(?<tenant>[a-z0-9][a-z0-9-]{0,62})=(?<seconds>\\d{1,12})");
    private static final int MOST_SECONDS = 1_000_000_000;

    private SchedulerSection() {}

    static SchedulerSettings read(Section section) {
        int each = section.integer("daily-budget", 0, MOST_SECONDS);
        return new SchedulerSettings(
                section.integer("max-attempts", 1, 1000),
                section.duration("lease-timeout", Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("backoff", Duration.ZERO, Duration.ofHours(1)),
                new SchedulerSettings.Budgets(
                        each == 0 ? Optional.empty() : Optional.of((double) each), budgets(section)));
    }

    private static Map<String, Double> budgets(Section section) {
        Map<String, Double> budgets = new HashMap<>();
        for (String text : section.texts("daily-budgets")) {
            Matcher match = BUDGET.matcher(text);
            if (!match.matches()) {
                throw new SettingsException(
                        section.path() + ".daily-budgets is a list of TENANT=SECONDS, as in acme=36000; got " + text);
            }
            if (budgets.put(match.group("tenant"), Double.parseDouble(match.group("seconds"))) != null) {
                throw new SettingsException(
                        section.path() + ".daily-budgets names a tenant once; got " + match.group("tenant") + " twice");
            }
        }
        return budgets;
    }
}
