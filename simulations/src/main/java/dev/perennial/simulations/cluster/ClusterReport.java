package dev.perennial.simulations.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of a run.
 *
 * @param seconds from the first domain's creation to the end of the load
 * @param incomplete what kept it from being complete; none where it came to its end
 */
record ClusterReport(
        long seed,
        double seconds,
        Findings findings,
        Tally tally,
        List<Episode> episodes,
        List<Answers.Answer> answers,
        List<String> incomplete) {
    private static final int LONGEST_BREACH = 400;
    private static final int REFUSALS_TOLD = 5;

    ClusterReport {
        episodes = List.copyOf(episodes);
        answers = List.copyOf(answers);
        incomplete = List.copyOf(incomplete);
    }

    /** The same of a run that this, too, kept from being complete. */
    ClusterReport keptFromItsEnd(String reason) {
        List<String> all = new ArrayList<>(incomplete);
        all.add(reason);
        return new ClusterReport(seed, seconds, findings, tally, episodes, answers, all);
    }

    /** @param count of faults; p50 and max are seconds */
    record Outage(int count, double p50, double max) {}

    /** By kind of fault: for how long a client of one domain went without a success. */
    Map<Fault, Outage> outages() {
        Map<Fault, Outage> outages = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            double[] gaps = episodes.stream()
                    .filter(episode -> episode.fault() == fault)
                    .mapToDouble(episode -> Answers.longestGap(answers, episode.began(), episode.whole()))
                    .sorted()
                    .toArray();
            if (gaps.length > 0) {
                outages.put(fault, new Outage(gaps.length, gaps[(gaps.length - 1) / 2], gaps[gaps.length - 1]));
            }
        }
        return outages;
    }

    ObjectNode json() {
        ObjectNode report = ClusterClient.JSON.createObjectNode();
        report.put("seed", seed);
        report.put("acknowledged", findings.acknowledged());
        report.put("lost", findings.lost());
        report.put("doubled", findings.doubled());
        Map<Fault, Outage> outages = outages();
        ObjectNode faults = report.putObject("faults");
        outages.forEach((fault, outage) -> faults.put(fault.label(), outage.count()));
        ObjectNode unavailable = report.putObject("unavailable_seconds");
        outages.forEach((fault, outage) -> unavailable
                .putObject(fault.label())
                .put("p50", rounded(outage.p50()))
                .put("max", rounded(outage.max())));
        ObjectNode invariants = report.putObject("invariants");
        findings.breaches().forEach((name, found) -> invariants.put(name, found.isEmpty() ? "held" : broken(found)));
        ObjectNode kinds = report.putObject("acknowledged_by_kind");
        tally.acknowledged().forEach((kind, count) -> kinds.put(Tally.label(kind), count));
        report.put("sightings", tally.sightings());
        report.put("promotions", findings.promotions());
        report.put("yields", findings.yields());
        report.put("stuck_nodes", tally.stuckNodes());
        report.put("refused", tally.refusals().size());
        if (!tally.refusals().isEmpty()) {
            tally.refusals().stream().limit(REFUSALS_TOLD).forEach(report.putArray("refusals")::add);
        }
        if (!incomplete.isEmpty()) {
            incomplete.forEach(report.putArray("incomplete")::add);
        }
        return report;
    }

    /** What the judgement rests on. */
    String basis() {
        return tally.line() + "; " + findings.promotions() + " promotions, " + findings.yields()
                + " updates gave way to urgent ones";
    }

    private static String broken(List<String> found) {
        String first = found.get(0);
        return "broken: " + (first.length() > LONGEST_BREACH ? first.substring(0, LONGEST_BREACH) + "…" : first)
                + (found.size() > 1 ? "; and " + (found.size() - 1) + " more" : "");
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    /** For people. */
    String table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "seed %d: %.0f s, %d writes acknowledged, %d lost, %d doubled",
                seed,
                seconds,
                findings.acknowledged(),
                findings.lost(),
                findings.doubled()));
        lines.add(basis());
        tally.refusals().stream().limit(REFUSALS_TOLD).forEach(lines::add);
        lines.add(String.format(Locale.ROOT, "%-12s %5s %22s", "fault", "count", "unavailable p50, max"));
        outages()
                .forEach((fault, outage) -> lines.add(String.format(
                        Locale.ROOT,
                        "%-12s %5d %12.2f s %6.2f s",
                        fault.label(),
                        outage.count(),
                        outage.p50(),
                        outage.max())));
        findings.breaches()
                .forEach((name, found) -> lines.add(
                        String.format(Locale.ROOT, "%-30s %s", name, found.isEmpty() ? "held" : broken(found))));
        if (findings.discarded() > 0) {
            lines.add(findings.discarded()
                    + " rows of a writer that had been replaced are in the journal; a replay passes over them");
        }
        incomplete.forEach(reason -> lines.add("incomplete: " + reason));
        return String.join("\n", lines) + "\n";
    }
}
