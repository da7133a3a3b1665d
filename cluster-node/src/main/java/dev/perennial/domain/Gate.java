package dev.perennial.domain;

import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.Evaluation;
import dev.perennial.protocols.GateReport;
import dev.perennial.protocols.GateReport.Check;
import dev.perennial.protocols.Score;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The automatic verdict on a candidate: it has learned what is new, and has forgotten neither what its domain knew nor what
 * the base could do. Each comparison is written so that a NaN fails it.
 */
public final class Gate {
    /** Slack for sums that differ in their last bits; far below what one example of any suite is worth. */
    private static final double EPSILON = 1e-9;

    private Gate() {}

    public static GateReport judge(DomainPolicy.Gate policy, Evaluation evaluation) {
        List<Check> checks = List.of(
                learned(policy.minimumImprovement(), evaluation.newBefore(), evaluation.newAfter()),
                kept("retained", policy.retainedTolerance(), evaluation.retainedBefore(), evaluation.retainedAfter()),
                kept("general", policy.generalTolerance(), evaluation.generalBefore(), evaluation.generalAfter()));
        return new GateReport(checks.stream().allMatch(Check::passed), checks);
    }

    /** The explanations of the checks that failed, as one reason. */
    static String reason(GateReport report) {
        return report.checks().stream()
                .filter(check -> !check.passed())
                .map(Check::explanation)
                .collect(Collectors.joining(" "));
    }

    private static Check learned(double minimumImprovement, Score before, Score after) {
        double limit = before.logProbability() + minimumImprovement;
        if (before.examples() != after.examples()) {
            return unequal("new", before, after, before.logProbability(), after.logProbability(), limit);
        }
        if (after.examples() == 0) {
            return new Check("new", 0, 0, 0, true, "New: not measured, since no new example was held out.");
        }
        boolean risen = after.logProbability() > limit;
        boolean accurate = before.accuracy() - after.accuracy() <= EPSILON;
        String probability = text(
                "New: the mean log-probability of %d held-out examples went from %.4f to %.4f nats a token, which %s the"
                        + " limit of %.4f",
                after.examples(),
                before.logProbability(),
                after.logProbability(),
                risen ? "is above" : "is not above",
                limit);
        String accuracy = after.judged() == 0
                ? "; none of them can be right or wrong."
                : text(
                        "; accuracy on the %d that can be right or wrong went from %.1f %% to %.1f %%, which %s.",
                        after.judged(),
                        100 * before.accuracy(),
                        100 * after.accuracy(),
                        accurate ? "is not a loss" : "is a loss");
        return new Check(
                "new",
                before.logProbability(),
                after.logProbability(),
                limit,
                risen && accurate,
                probability + accuracy);
    }

    private static Check kept(String name, double tolerance, Score before, Score after) {
        double limit = before.accuracy() - tolerance;
        String title = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        if (before.examples() != after.examples() || before.judged() != after.judged()) {
            return unequal(name, before, after, before.accuracy(), after.accuracy(), limit);
        }
        if (after.judged() == 0) {
            return new Check(
                    name, 0, 0, 0, true, title + ": not measured, since its suite has no example with a right answer.");
        }
        double lost = before.accuracy() - after.accuracy();
        boolean passed = lost <= tolerance + EPSILON;
        String explanation = text(
                "%s: accuracy on %d examples went from %.1f %% to %.1f %%; a loss of %.1f points is %s the tolerated %.1f.",
                title,
                after.judged(),
                100 * before.accuracy(),
                100 * after.accuracy(),
                100 * lost,
                passed ? "within" : "more than",
                100 * tolerance);
        return new Check(name, before.accuracy(), after.accuracy(), limit, passed, explanation);
    }

    private static Check unequal(
            String name, Score before, Score after, double valueBefore, double valueAfter, double limit) {
        String explanation = text(
                "%s: parent and candidate cannot be compared, since they were asked %d (%d judged) and %d (%d judged)"
                        + " examples.",
                name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                before.examples(),
                before.judged(),
                after.examples(),
                after.judged());
        return new Check(name, valueBefore, valueAfter, limit, false, explanation);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
