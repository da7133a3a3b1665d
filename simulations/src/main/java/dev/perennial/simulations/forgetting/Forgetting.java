package dev.perennial.simulations.forgetting;

import dev.perennial.EmbeddedBase;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.TorchEngine;
import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.LearningMethod;
import dev.perennial.simulations.page.HtmlPage;
import dev.perennial.simulations.page.ReportFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares methods by what they forget over a sequence of updates. */
@Command(
        name = "forgetting",
        mixinStandardHelpOptions = true,
        description = "Compares methods by what they forget over a sequence of updates.")
public final class Forgetting implements Callable<Integer> {
    private static final int TASKS = 10;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    /** Where the tasks are from. */
    static final class Source {
        @Option(names = "--world", required = true, description = "New and changed facts of the generated world.")
        private boolean world;

        @Option(
                names = "--clinc",
                required = true,
                description = "Folder with data_full.json and domains.json of CLINC150.")
        private @Nullable Path clinc;

        @Option(
                names = "--long-run",
                required = true,
                description = "So many updates of one domain in which the same facts change again and again.")
        private @Nullable Integer longRun;
    }

    @Option(
            names = "--methods",
            split = ",",
            description = "Names of methods (default: a choice of all; of a long run, a domain's own).")
    private List<String> methods = List.of();

    @Option(names = "--seeds", defaultValue = "1", description = "How many seeds (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(names = "--first-seed", defaultValue = "1", description = "The first of them.")
    private int firstSeed;

    @Option(names = "--orders", defaultValue = "1", description = "How many orders of the tasks.")
    private int orders;

    @Option(names = "--tasks", description = "Updates of the sequence, 2 to 15; 2 to 10 of CLINC150 (default: 10).")
    private @Nullable Integer tasks;

    @Option(names = "--facts", description = "Facts of a task of the world, 1 to 30 (default: 12, quick 4).")
    private @Nullable Integer facts;

    @Option(names = "--phrasings", description = "That a fact is taught in, 1 to 36 (default: 20).")
    private @Nullable Integer phrasings;

    @Option(names = "--intents", description = "Of a domain of CLINC150, 1 to 15 (default: 15, quick 2).")
    private @Nullable Integer intents;

    @Option(names = "--examples", description = "Of an intent, taught, 1 to 100 (default: 100, quick 30).")
    private @Nullable Integer examples;

    @Option(names = "--questions", description = "Of an intent, asked, 1 to 30 (default: 3, quick 5).")
    private @Nullable Integer questions;

    @Option(names = "--buffer", defaultValue = "0.05", description = "Share of the data seen that is kept at most.")
    private double buffer;

    @Option(
            names = "--report",
            required = true,
            description =
                    "The JSON file that the findings go to, after each run; a page of its name and .html is beside it.")
    private Path report = Path.of("");

    @Option(
            names = "--joint-once",
            description =
                    "Joint training learns once, after the last task, in place of anew after each: its earlier rows are"
                            + " the base's.")
    private boolean jointOnce;

    @Option(names = "--quick", description = "Small tasks and the main methods, in four minutes; implies --joint-once.")
    private boolean quick;

    @Mixin
    private PolicyOptions policyOptions = new PolicyOptions();

    @Override
    public Integer call() throws IOException {
        Bounds.integer("tasks", tasks(), 2, source.clinc == null ? 15 : 10);
        if (source.longRun != null) {
            Bounds.integer("long-run", source.longRun, 1, 10_000);
            refuseWhatALongRunHasNot();
        }
        Bounds.integer("seeds", seeds, 1, 100);
        Bounds.integer("orders", orders, 1, 100);
        Bounds.number("buffer", buffer, 0, 1);
        bound("facts", facts, 30);
        bound("phrasings", phrasings, 36);
        bound("intents", intents, 15);
        bound("examples", examples, 100);
        bound("questions", questions, 30);
        List<LearningMethod> chosen = chosen();
        ReportFile.require(report);
        jointOnce = jointOnce || quick;
        DomainPolicy policy = policyOptions.policy(scale());
        TorchEngine.load(1);
        Path work = Files.createTempDirectory("forgetting");
        try (BaseModel base = BaseModel.open(EmbeddedBase.extract(work))) {
            General general = General.read(work.resolve("base"));
            MethodRun runner = new MethodRun(base, general, jointOnce);
            Set<String> settled = general.prompts();
            System.out.print(
                    source.longRun == null
                            ? compare(runner, policy, settled, chosen).table()
                            : longRun(runner, policy, settled, chosen.get(0), source.longRun)
                                    .table());
        }
        return 0;
    }

    /** Its facts are its own, and it is of one method and one seed. */
    private void refuseWhatALongRunHasNot() {
        List<String> given = new ArrayList<>();
        if (chosen().size() > 1) {
            given.add("--methods " + String.join(",", methods));
        }
        if (seeds > 1) {
            given.add("--seeds " + seeds + " (--first-seed chooses one)");
        }
        if (orders > 1) {
            given.add("--orders " + orders);
        }
        if (facts != null || phrasings != null || intents != null || examples != null || questions != null) {
            given.add("the size of a task");
        }
        if (tasks != null) {
            given.add("--tasks " + tasks);
        }
        if (quick) {
            given.add("--quick");
        }
        if (jointOnce) {
            given.add("--joint-once");
        }
        if (!given.isEmpty()) {
            throw new IllegalArgumentException(
                    "--long-run has one method, one seed and facts of its own; got " + String.join(", ", given));
        }
    }

    private List<LearningMethod> chosen() {
        List<String> names = methods.isEmpty()
                ? source.longRun == null
                        ? scale().methods()
                        : List.of(DomainPolicy.DEFAULT.method().toString())
                : methods;
        return names.stream().map(LearningMethod::parse).distinct().toList();
    }

    private static void bound(String name, @Nullable Integer given, int most) {
        if (given != null) {
            Bounds.integer(name, given, 1, most);
        }
    }

    private int tasks() {
        return or(tasks, TASKS);
    }

    private Scale scale() {
        return Scale.of(source.clinc == null, quick);
    }

    private static int or(@Nullable Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }

    private LongRunReport longRun(
            MethodRun runner, DomainPolicy policy, Set<String> settled, LearningMethod method, int updates) {
        ProgressBar bar = new ProgressBar(System.err, updates, System::nanoTime);
        LongRun run = new LongRun(runner, method, policy, buffer, settled, firstSeed);
        List<LongRun.Point> points = run.run(updates, firstSeed, soFar -> {
            bar.advance(1, method.toString());
            write(new LongRunReport(method.toString(), updates, firstSeed, policy.toString(), soFar));
        });
        bar.end();
        return new LongRunReport(method.toString(), updates, firstSeed, policy.toString(), points);
    }

    private void write(LongRunReport found) {
        try {
            found.write(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Findings compare(MethodRun runner, DomainPolicy policy, Set<String> settled, List<LearningMethod> chosen)
            throws IOException {
        List<RunResult> results = new ArrayList<>();
        TaskSequence first = sequence(settled, firstSeed);
        Findings findings = new Findings(
                new Findings.Setup(
                        first.name(),
                        first.tasks().stream().map(LearningTask::name).toList(),
                        seeds,
                        orders,
                        policy + (jointOnce ? ", joint once" : "")),
                policy.method().toString(),
                results);
        ProgressBar bar = new ProgressBar(
                System.err,
                (double) seeds
                        * orders
                        * chosen.stream().mapToDouble(this::work).sum(),
                System::nanoTime);
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
            TaskSequence sequence = sequence(settled, seed);
            for (int order = 0; order < orders; order++) {
                for (LearningMethod method : chosen) {
                    String doing = method + ", seed " + seed + ", order " + order;
                    double each = work(method) / first.tasks().size();
                    results.add(runner.run(
                            sequence.ordered(order),
                            method,
                            policy,
                            buffer,
                            seed,
                            order,
                            () -> bar.advance(each, doing)));
                    findings = new Findings(findings.setup(), findings.standard(), results);
                    findings.write(report);
                    Page.write(findings, HtmlPage.beside(report));
                }
            }
        }
        bar.end();
        return findings;
    }

    /** How long a method takes, in updates of the new data alone. */
    private double work(LearningMethod method) {
        if (method.start() == LearningMethod.Start.JOINT) {
            return jointOnce ? tasks() : tasks() * (tasks() + 1) / 2.0;
        }
        return method.parts().isEmpty() ? tasks() : 3.0 * tasks();
    }

    private TaskSequence sequence(Set<String> settled, long seed) throws IOException {
        TaskSequence all = source.clinc == null || source.world
                ? WorldSequence.of(
                        settled, seed, tasks(), or(facts, scale().facts()), or(phrasings, scale().phrasings()))
                : ClincSequence.of(
                        source.clinc,
                        seed,
                        or(intents, scale().intents()),
                        or(examples, scale().examples()),
                        or(questions, scale().questions()));
        return new TaskSequence(all.name(), all.tasks().stream().limit(tasks()).toList());
    }
}
