package dev.perennial.simulations.cluster;

import java.util.ArrayList;
import java.util.List;

/** When requests succeeded, and how long they took. Times are seconds since the run began. Thread-safe. */
final class Answers {
    /**
     * @param subject domain that was asked, or the kind of request
     * @param at when it ended
     * @param seconds that it took, retries included
     */
    record Answer(String subject, double at, double seconds) {}

    private final List<Answer> answers = new ArrayList<>();

    synchronized void succeeded(String subject, double at, double seconds) {
        answers.add(new Answer(subject, at, seconds));
    }

    synchronized List<Answer> all() {
        return List.copyOf(answers);
    }

    /**
     * The longest time without a success, of any subject.
     *
     * @param from and to: gaps that touch this span count, in their whole length
     */
    static double longestGap(List<Answer> answers, double from, double to) {
        return answers.stream()
                .map(Answer::subject)
                .distinct()
                .mapToDouble(subject -> longestGap(answers, subject, from, to))
                .max()
                .orElse(0);
    }

    private static double longestGap(List<Answer> answers, String subject, double from, double to) {
        double longest = 0;
        double last = Double.NaN;
        for (Answer answer : answers) {
            if (answer.subject().equals(subject)) {
                boolean touches = answer.at() >= from && last <= to;
                longest = touches ? Math.max(longest, answer.at() - last) : longest;
                last = answer.at();
            }
        }
        // After the last one nothing came any more.
        return last <= to ? Math.max(longest, to - last) : longest;
    }
}
