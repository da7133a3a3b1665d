package dev.perennial.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The story: a base knows a world; the world changes; users correct it and documents arrive; each domain is updated; the new
 * is known, the rest is kept; a rollback brings the old back, and forward again. Every step is a call that a client makes.
 */
public final class Quickstart {
    private static final long LOOK_AGAIN_NANOS = 250_000_000;
    private static final int JUDGED_EVERY = 8;
    private static final int OTHER_QUESTIONS = 30;
    private static final int GENERAL_QUESTIONS = 40;

    private final Client client;
    private final PrintStream out;
    private final PrintStream progress;
    private final Story story = Story.read();
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /**
     * @param out gets the story and its table
     * @param progress gets what is only interesting while it lasts
     */
    public Quickstart(URI node, PrintStream out, PrintStream progress) {
        this.client = new Client(node);
        this.out = out;
        this.progress = progress;
    }

    /** What one domain went through. */
    private static final class Chapter {
        private final Story.Domain domain;
        private final String id;
        private double before;
        private double after;
        private double retainedBefore;
        private double retainedAfter;
        private int live;

        Chapter(Story.Domain domain, String id) {
            this.domain = domain;
            this.id = id;
        }
    }

    /**
     * Plays it once.
     *
     * @param readySeconds how long the node took to start, for the report
     * @throws QuickstartException at the first call that does not answer as it should
     */
    public void play(double readySeconds, @Nullable Path report) {
        long began = System.nanoTime();
        Set<String> taken = new HashSet<>();
        client.get("/v1/domains")
                .path("data")
                .forEach(domain -> taken.add(domain.path("id").asText()));
        List<Chapter> chapters = story.domains().stream()
                .map(domain -> new Chapter(domain, freeName(domain.id(), taken)))
                .toList();
        timed("create domains, load what they hold", () -> chapters.forEach(this::create));
        timed("ask before", () -> chapters.forEach(this::askBefore));
        timed("correct the model, send documents", () -> chapters.forEach(this::teach));
        for (Chapter chapter : chapters) {
            timed("update " + chapter.id, () -> update(chapter));
        }
        timed("ask after", () -> chapters.forEach(this::askAfter));
        boolean[] restored = new boolean[1];
        timed(
                "roll back, and forward again",
                () -> restored[0] = chapters.stream().allMatch(this::rollBackAndForward));
        double storySeconds = (System.nanoTime() - began) / 1e9;
        Report figures = new Report(
                readySeconds,
                storySeconds,
                chapters.stream()
                        .map(c -> new Report.Domain(c.id, c.before, c.after, c.retainedBefore, c.retainedAfter, c.live))
                        .toList(),
                restored[0]);
        print(figures);
        if (report != null) {
            write(figures, report);
        }
    }

    /** The story can be played again on the same data: its domains then get a number. */
    private static String freeName(String name, Set<String> taken) {
        String free = name;
        for (int n = 2; taken.contains(free); n++) {
            free = name + "-" + n;
        }
        return free;
    }

    private void create(Chapter chapter) {
        client.post("/v1/domains", Map.of("id", chapter.id, "description", chapter.domain.description()));
        List<Map<String, String>> rows = new ArrayList<>();
        for (Story.Question question : chapter.domain.archive()) {
            // Some of them are only ever asked: by these the gate judges what is retained.
            String use = rows.size() % JUDGED_EVERY == 0 ? "evaluate" : "train";
            rows.add(Map.of("prompt", question.prompt(), "completion", question.completion(), "use", use));
        }
        JsonNode counts = client.postLines(examples(chapter), rows);
        out.printf(
                "Domain %s: %s %d facts that stay true are on file.%n",
                chapter.id,
                chapter.domain.description(),
                counts.path("accepted").asInt());
    }

    private void askBefore(Chapter chapter) {
        Story.Change first = chapter.domain.changed().get(0);
        chapter.before = accuracyOnChanges(chapter);
        chapter.retainedBefore = accuracyOnRetained(chapter);
        out.printf("%n  %s%n  -> %s (stale: it is %s now)%n", first.asked().get(0), first.stale(), first.fresh());
    }

    private void teach(Chapter chapter) {
        List<Map<String, String>> documents = new ArrayList<>();
        int corrections = 0;
        for (Story.Change change : chapter.domain.changed()) {
            for (String question : change.taught()) {
                Client.Answer answer = client.ask(chapter.id, question);
                client.post(
                        "/v1/feedback",
                        Map.of("completion_id", answer.id(), "rating", "down", "correction", change.fresh()));
                corrections++;
            }
            change.documents().forEach(text -> documents.add(Map.of("text", text, "source", "newsletter")));
        }
        int accepted =
                client.postLines(examples(chapter), documents).path("accepted").asInt();
        out.printf(
                "%nDomain %s: users corrected %d answers, %d documents arrived.%n", chapter.id, corrections, accepted);
    }

    private static String examples(Chapter chapter) {
        return "/v1/domains/" + chapter.id + "/examples";
    }

    private void update(Chapter chapter) {
        JsonNode update =
                client.post("/v1/domains/" + chapter.id + "/updates", Map.of("kind", "knowledge", "importance", 0.8));
        String path = "/v1/updates/" + update.path("id").asText();
        out.printf(
                "Update %s: %s%n",
                update.path("id").asText(), update.path("explanation").asText());
        ProgressLine line = new ProgressLine(progress);
        while (List.of("queued", "running", "evaluating")
                .contains(update.path("state").asText())) {
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            update = client.get(path);
            line.show(update);
        }
        line.end();
        if (!update.path("state").asText().equals("live")) {
            throw new QuickstartException("update " + update.path("id").asText() + " ended as "
                    + update.path("state").asText() + ": "
                    + update.path("reason").asText() + " " + update.path("gate"));
        }
        update.path("gate")
                .path("checks")
                .forEach(check -> out.println("  gate, " + check.path("name").asText() + ": "
                        + check.path("explanation").asText()));
        out.println("  live: " + update.path("version").asText());
        chapter.live = liveVersion(chapter);
    }

    private int liveVersion(Chapter chapter) {
        String version =
                client.get("/v1/domains/" + chapter.id).path("live_version").asText();
        return Integer.parseInt(version.substring(version.indexOf('@') + 1));
    }

    private void askAfter(Chapter chapter) {
        Story.Change first = chapter.domain.changed().get(0);
        out.printf(
                "%n  %s%n  -> %s%n",
                first.asked().get(0),
                client.ask(chapter.id, first.asked().get(0)).text());
        chapter.after = accuracyOnChanges(chapter);
        chapter.retainedAfter = accuracyOnRetained(chapter);
    }

    /** Back at version 0 the stale answers must be there again, and forward at the trained version the fresh ones. */
    private boolean rollBackAndForward(Chapter chapter) {
        rollback(chapter, 0, "quickstart: show the stale answers again");
        double stale = share(chapter, Story.Change::stale);
        rollback(chapter, chapter.live, "quickstart: forward again");
        double fresh = share(chapter, Story.Change::fresh);
        out.printf(
                Locale.ROOT,
                "%nDomain %s rolled back to version 0: %.0f %% stale answers; forward to version %d: %.0f %% fresh ones.%n",
                chapter.id,
                100 * stale,
                chapter.live,
                100 * fresh);
        return stale >= 0.9 && fresh >= 0.9;
    }

    private void rollback(Chapter chapter, int to, String reason) {
        client.post("/v1/domains/" + chapter.id + "/rollback", Map.of("to", to, "reason", reason));
    }

    /** Share of changes whose first question is answered as {@code expected} says. */
    private double share(Chapter chapter, java.util.function.Function<Story.Change, String> expected) {
        return accuracy(
                chapter,
                chapter.domain.changed().stream()
                        .map(c -> new Story.Question(c.asked().get(0), expected.apply(c)))
                        .toList());
    }

    private double accuracyOnChanges(Chapter chapter) {
        List<Story.Question> questions = new ArrayList<>();
        for (Story.Change change : chapter.domain.changed()) {
            change.asked().forEach(asked -> questions.add(new Story.Question(asked, change.fresh())));
        }
        return accuracy(chapter, questions);
    }

    private double accuracyOnRetained(Chapter chapter) {
        List<Story.Question> questions = new ArrayList<>(chapter.domain.retained());
        for (Story.Domain other : story.domains()) {
            if (!other.equals(chapter.domain)) {
                questions.addAll(other.retained()
                        .subList(0, Math.min(OTHER_QUESTIONS, other.retained().size())));
            }
        }
        // Every n-th, so that each kind of general question is among them.
        int every = Math.max(1, story.general().size() / GENERAL_QUESTIONS);
        for (int i = 0; i < story.general().size(); i += every) {
            questions.add(story.general().get(i));
        }
        return accuracy(chapter, questions);
    }

    private double accuracy(Chapter chapter, List<Story.Question> questions) {
        long right = questions.stream()
                .filter(q -> client.ask(chapter.id, q.prompt()).text().equals(q.completion()))
                .count();
        return (double) right / questions.size();
    }

    private void timed(String step, Runnable action) {
        long began = System.nanoTime();
        progress.println("perennial: " + step);
        action.run();
        seconds.put(step, (System.nanoTime() - began) / 1e9);
    }

    private void print(Report figures) {
        out.println();
        out.printf("%-12s %20s %20s %9s%n", "domain", "new facts", "retained", "version");
        for (Report.Domain d : figures.domains()) {
            out.printf(
                    Locale.ROOT,
                    "%-12s %8.1f %% -> %5.1f %% %8.1f %% -> %5.1f %% %9s%n",
                    d.id(),
                    100 * d.before(),
                    100 * d.after(),
                    100 * d.retainedBefore(),
                    100 * d.retainedAfter(),
                    "@" + d.liveVersion());
        }
        out.println();
        seconds.forEach((step, time) -> out.printf(Locale.ROOT, "%-40s %6.1f s%n", step, time));
        out.printf(Locale.ROOT, "%-40s %6.1f s%n", "the whole story", figures.storySeconds());
    }

    private static void write(Report figures, Path file) {
        try {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), figures);
        } catch (IOException e) {
            throw new QuickstartException("cannot write the report " + file + ": " + e.getMessage(), e);
        }
    }
}
