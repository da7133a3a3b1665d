package dev.perennial.learning;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Looks at an adapter's configuration and factors. */
final class AdapterInspection {
    private AdapterInspection() {}

    static Inspection of(Path directory, Optional<Path> model) {
        Inspection.Problems problems = new Inspection.Problems();
        Optional<AdapterFiles> read = problems.attempt(() -> AdapterFiles.read(directory));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", "PEFT adapter");
        long broken = read.map(AdapterInspection::notFinite).orElse(0L);
        if (broken > 0) {
            problems.add(broken + " values are NaN or infinite");
        }
        problems.tell(facts);
        read.ifPresent(files -> describe(files, broken, facts));
        model.ifPresent(base -> facts.put("fits", fits(base, directory)));
        List<String> pickles = BaseFiles.pickles(directory);
        if (!pickles.isEmpty()) {
            facts.put("never_read", pickles);
        }
        return new Inspection(facts, read.map(AdapterInspection::norms).orElse(List.of()));
    }

    private static void describe(AdapterFiles files, long broken, Map<String, Object> facts) {
        LoraSettings settings = files.settings();
        facts.put("rank", settings.rank());
        facts.put("alpha", settings.alpha());
        facts.put("scaling", settings.rankStabilised() ? "alpha / sqrt(rank)" : "alpha / rank");
        if (!settings.rankPattern().entries().isEmpty()) {
            facts.put("rank_pattern", settings.rankPattern().entries());
        }
        if (!settings.alphaPattern().entries().isEmpty()) {
            facts.put("alpha_pattern", settings.alphaPattern().entries());
        }
        facts.put("dropout", settings.dropout());
        facts.put("targets", settings.targets().toString());
        settings.excluded().ifPresent(excluded -> facts.put("excluded", excluded.toString()));
        List<Integer> layers = files.modules().keySet().stream()
                .map(LoraModule::layer)
                .distinct()
                .toList();
        facts.put("modules", files.modules().size());
        facts.put("layers", layers);
        facts.put("parameters", files.parameters());
        facts.put("not_finite", broken);
        facts.put("base_digest", files.baseDigest().orElse("not recorded"));
    }

    private static String fits(Path model, Path directory) {
        try (BaseModel base = BaseModel.open(model)) {
            PeftDirectory.read(base, directory).close();
            return "yes";
        } catch (LearningException e) {
            return "no, because " + e.getMessage();
        }
    }

    private static long notFinite(AdapterFiles files) {
        long count = 0;
        for (AdapterFiles.Factors factors : files.modules().values()) {
            for (Safetensors.Tensor tensor : List.of(factors.down(), factors.up())) {
                for (float value : tensor.floats()) {
                    count += Float.isFinite(value) ? 0 : 1;
                }
            }
        }
        return count;
    }

    private static List<Inspection.Norms> norms(AdapterFiles files) {
        Map<Integer, List<LoraModule>> kinds = new TreeMap<>();
        files.modules()
                .keySet()
                .forEach(module -> kinds.computeIfAbsent(module.projection(), p -> new ArrayList<>())
                        .add(module));
        List<Inspection.Norms> all = new ArrayList<>();
        kinds.forEach((projection, modules) -> {
            double[] norms = modules.stream()
                    .mapToDouble(module -> files.scale(module) * norm(factors(files, module)))
                    .toArray();
            double sum = 0;
            double largest = 0;
            for (double norm : norms) {
                sum += norm;
                // a NaN stays
                largest = norm <= largest ? largest : norm;
            }
            int rank = modules.stream()
                    .mapToInt(module -> factors(files, module).rank())
                    .max()
                    .orElseThrow();
            double scale = modules.stream().mapToDouble(files::scale).max().orElseThrow();
            all.add(new Inspection.Norms(
                    ModelShape.PROJECTIONS.get(projection), norms.length, rank, scale, sum / norms.length, largest));
        });
        return all;
    }

    private static AdapterFiles.Factors factors(AdapterFiles files, LoraModule module) {
        return java.util.Objects.requireNonNull(files.modules().get(module));
    }

    /** Frobenius norm of B A without the product: the square is trace(BᵀB · A Aᵀ), of two small matrices. */
    static double norm(AdapterFiles.Factors factors) {
        int rank = factors.rank();
        float[] a = factors.down().floats();
        float[] b = factors.up().floats();
        double square = 0;
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j <= i; j++) {
                double down = 0;
                for (int k = 0; k < factors.in(); k++) {
                    down += (double) a[i * factors.in() + k] * a[j * factors.in() + k];
                }
                double up = 0;
                for (int k = 0; k < factors.out(); k++) {
                    up += (double) b[k * rank + i] * b[k * rank + j];
                }
                square += (i == j ? 1 : 2) * down * up;
            }
        }
        // rounding may go a little below 0
        return square < 0 ? 0 : Math.sqrt(square);
    }
}
