package dev.perennial.simulations.schedule;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.perennial.domain.PriorityWeights;
import dev.perennial.simulations.page.HtmlPage;
import dev.perennial.simulations.page.ReportFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares the scheduler's policy with simple ones over a month of virtual time. */
@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        description = "Compares the scheduler's policy with others over a month of many domains and few GPUs.")
public final class Schedule implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--domains", description = "Domains (default: 100000, quick 2000).")
    private @Nullable Integer domains;

    @Option(names = "--gpus", description = "GPUs, one trainer each (default: 1000, quick 20).")
    private @Nullable Integer gpus;

    @Option(names = "--days", description = "Days of virtual time (default: 30, quick 10).")
    private @Nullable Integer days;

    @Option(names = "--tenants", description = "Tenants (default: 50, quick 10).")
    private @Nullable Integer tenants;

    @Option(names = "--seeds", description = "How many worlds, from --seed on (default: 3, quick 2).")
    private @Nullable Integer seeds;

    @Option(names = "--seed", description = "Of the first world (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--quick", description = "A small world, where nothing else is said of it.")
    private boolean quick;

    @Option(
            names = "--variant",
            paramLabel = "WEIGHTS",
            description =
                    "Compares with other weights of the priority too, as in impact=3,waiting=0.2; may be repeated.")
    private List<String> variants = new ArrayList<>();

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Writes the figures as JSON, and a page with plots beside it, its name ending in .html.")
    private @Nullable Path report;

    @Override
    public Integer call() throws IOException {
        Scale scale = scale();
        int count = seeds == null ? (quick ? 2 : 3) : seeds;
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--seeds is at least 1; got " + count);
        }
        if (report != null) {
            ReportFile.require(report);
        }
        Map<String, Supplier<Policy>> policies = new LinkedHashMap<>();
        policies.put(DefaultPolicy.NAME, DefaultPolicy::new);
        policies.put("fifo", OrderedPolicy::firstComeFirstServed);
        policies.put("round-robin", OrderedPolicy::roundRobin);
        policies.put("shortest-job-first", OrderedPolicy::shortestFirst);
        policies.put("earliest-deadline-first", OrderedPolicy::earliestDeadlineFirst);
        for (String variant : variants) {
            PriorityWeights weights = weights(variant);
            policies.put(variant, () -> new DefaultPolicy(variant, weights));
        }
        PrintWriter error = spec.commandLine().getErr();
        error.printf("%s, seeds %d to %d%n", scale, seed, seed + count - 1);
        Comparison comparison = compare(scale, count, policies, new Progress(error, policies.size() * count, scale));
        PrintWriter out = spec.commandLine().getOut();
        out.println(comparison.table());
        out.flush();
        if (report != null) {
            Files.writeString(report, JSON.writeValueAsString(comparison.json()) + "\n");
            Files.writeString(HtmlPage.beside(report), SchedulePage.of(comparison, scale, count));
        }
        return 0;
    }

    private PriorityWeights weights(String variant) {
        try {
            return WeightVariant.parse(variant);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--variant: " + e.getMessage(), e);
        }
    }

    private Scale scale() {
        try {
            Scale scale = quick ? Scale.QUICK : Scale.FULL;
            return new Scale(
                    Objects.requireNonNullElse(domains, scale.domains()),
                    Objects.requireNonNullElse(gpus, scale.gpus()),
                    Objects.requireNonNullElse(days, scale.days()),
                    Objects.requireNonNullElse(tenants, scale.tenants()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Comparison compare(Scale scale, int count, Map<String, Supplier<Policy>> policies, Progress progress) {
        Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            World world = new World(scale, seed + i);
            policies.forEach((name, policy) -> {
                Outcome outcome = new Engine(world, policy.get()).run(progress);
                List<String> broken = outcome.broken();
                if (!broken.isEmpty()) {
                    throw new IllegalStateException(name + ", seed " + world.seed + ": " + broken);
                }
                progress.done(name, world.seed);
                outcomes.computeIfAbsent(name, key -> new ArrayList<>()).add(outcome);
            });
        }
        return new Comparison(outcomes.entrySet().stream()
                .map(each ->
                        new Comparison.Row(each.getKey(), each.getKey().equals(DefaultPolicy.NAME), each.getValue()))
                .toList());
    }

    /** Lines on standard error: which run, how far, and the time left as the runs so far took it. */
    private static final class Progress implements DoubleConsumer {
        private static final double TELL = 0.1;

        private final PrintWriter error;
        private final int runs;
        private final double hours;
        private final long begun = System.nanoTime();
        private int done;
        private double told;

        Progress(PrintWriter error, int runs, Scale scale) {
            this.error = error;
            this.runs = runs;
            this.hours = scale.hours();
        }

        @Override
        public void accept(double now) {
            double share = (done + now / hours) / runs;
            if (share - told >= TELL / runs) {
                told = share;
                tell(share, Optional.empty());
            }
        }

        void done(String policy, long seed) {
            done++;
            told = (double) done / runs;
            tell(told, Optional.of(policy + ", seed " + seed));
        }

        private void tell(double share, Optional<String> what) {
            double seconds = (System.nanoTime() - begun) * 1e-9;
            error.printf(
                    Locale.ROOT,
                    "%3.0f %%, %.0f s left%s%n",
                    100 * share,
                    seconds * (1 - share) / share,
                    what.map(each -> " (" + each + " done)").orElse(""));
            error.flush();
        }
    }
}
