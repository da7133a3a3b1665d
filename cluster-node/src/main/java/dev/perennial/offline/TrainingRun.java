package dev.perennial.offline;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.PeftDirectory;
import dev.perennial.learning.TorchEngine;
import dev.perennial.learning.dataset.DataEncoder;
import dev.perennial.learning.dataset.DataFile;
import dev.perennial.learning.dataset.DataRow;
import dev.perennial.learning.dataset.DataSplit;
import dev.perennial.learning.dataset.EncodedData;
import dev.perennial.learning.tuning.Checkpoints;
import dev.perennial.learning.tuning.FineTuning;
import dev.perennial.learning.tuning.Method;
import dev.perennial.learning.tuning.NamedData;
import dev.perennial.learning.tuning.TuningData;
import dev.perennial.learning.tuning.TuningProgress;
import dev.perennial.learning.tuning.TuningSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** {@code perennial train}: a data file and a base model become an adapter's directory. */
public final class TrainingRun {
    private static final double SUPERVISED_RATE = 2e-4;
    private static final double PREFERENCE_RATE = 2e-5;
    private static final double CLIP = 1;
    /** Looks at the held-out part in a training, at least. */
    private static final int EVALUATIONS = 10;

    private final TrainingOptions options;
    private final Consumer<TuningProgress> progress;

    public TrainingRun(TrainingOptions options, Consumer<TuningProgress> progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Trains and writes; empty where the run to resume had ended.
     *
     * @throws LearningException where anything that was given cannot be used
     */
    public Optional<TrainingReport> run() {
        OutDirectory out = new OutDirectory(options.out());
        if (options.resume() && out.isWhole() && Files.exists(options.out().resolve(TrainingReport.FILE))) {
            return Optional.empty();
        }
        out.check(options.resume());
        Optional<Method> asked = options.method().map(Method::parse);
        DataFile.Content file = DataFile.read(options.data());
        List<DataRow> rows = file.rows();
        DataRow.Purpose purpose = rows.get(0).purpose();
        Method method = asked.orElseGet(() -> Method.of(purpose));
        method.check(purpose);
        DataSplit split = DataSplit.of(rows, options.heldOut(), options.seed());
        try (BaseModel base = BaseModel.open(options.model(), TorchEngine.device(options.device()))) {
            DataEncoder encoder = new DataEncoder(base, options.longest(base));
            Set<DataRow> apart = new HashSet<>(split.heldOut());
            NamedData train = encoded(file, encoder, split.train(), apart, false);
            Optional<NamedData> heldOut = split.heldOut().isEmpty()
                    ? Optional.empty()
                    : Optional.of(encoded(file, encoder, split.heldOut(), apart, true));
            return Optional.of(train(base, method, train, heldOut, out));
        }
    }

    /** Equal rows are all held out or all trained on. */
    private NamedData encoded(
            DataFile.Content file, DataEncoder encoder, List<DataRow> part, Set<DataRow> apart, boolean heldOut) {
        String name = String.valueOf(options.data().getFileName());
        List<Integer> indices = IntStream.range(0, file.rows().size())
                .filter(i -> apart.contains(file.rows().get(i)) == heldOut)
                .boxed()
                .toList();
        EncodedData data =
                encoder.encode(part, i -> name + " line " + file.lines().get(indices.get(i)));
        return new NamedData(data, name, indices.stream().map(i -> i + 1).toList());
    }

    private TrainingReport train(
            BaseModel base, Method method, NamedData train, Optional<NamedData> heldOut, OutDirectory out) {
        try (Adapter none = Adapter.none(base);
                Adapter start = options.parent().isPresent()
                        ? PeftDirectory.read(base, options.parent().get())
                        : Adapter.fresh(base, options.lora().orElseThrow(), options.seed());
                LoraTraining training = new LoraTraining(
                        base, start, none, LoraTraining.Objective.PLAIN, options.seed(), options.plan(base))) {
            TuningData data = TuningData.of(
                    base,
                    options.parent().isPresent() ? start : none,
                    train,
                    heldOut,
                    options.beta(),
                    options.batch(),
                    options.seed() + 1,
                    progress);
            TuningSettings settings = settings(method, data);
            Map<String, String> identity =
                    identity(base, method, settings, train.data().report());
            out.begin();
            FineTuning.Result result = new FineTuning(
                            settings,
                            data.source(),
                            data.heldOut(),
                            Optional.of(new Checkpoints(out.checkpoint(), options.checkpointEvery(), identity)),
                            progress)
                    .run(training);
            TrainingReport report = new TrainingReport(identity, train.data().report(), result);
            Path directory = out.result();
            try (Adapter trained = training.finish()) {
                PeftDirectory.write(base, trained, directory);
            }
            report.write(directory);
            out.publish(directory);
            return report;
        }
    }

    private TuningSettings settings(Method method, TuningData data) {
        int steps = options.steps(data.stepsAnEpoch());
        return new TuningSettings(
                steps,
                options.rate().orElse(method == Method.SFT ? SUPERVISED_RATE : PREFERENCE_RATE),
                options.schedule(),
                options.warmUp(),
                options.weightDecay(),
                CLIP,
                options.loraPlusRatio(),
                Math.max(1, Math.min(data.stepsAnEpoch(), steps / EVALUATIONS)),
                options.patience());
    }

    /** All that the result depends on, but the number of threads. */
    private Map<String, String> identity(
            BaseModel base, Method method, TuningSettings settings, EncodedData.Report encoded) {
        Map<String, String> identity = new TreeMap<>();
        identity.put("base_digest", base.digest());
        identity.put("data_file", String.valueOf(options.data().getFileName()));
        identity.put("data_sha256", FileDigest.of(options.data()));
        // Another build may make other tokens of the same rows.
        identity.put("data_tokens", String.valueOf(encoded.tokens()));
        identity.put("learned_tokens", String.valueOf(encoded.learned()));
        identity.put("method", method.toString());
        identity.put("seed", String.valueOf(options.seed()));
        identity.put("steps", String.valueOf(settings.steps()));
        identity.put("batch", String.valueOf(options.batch()));
        identity.put("rate", String.valueOf(settings.rate()));
        identity.put("schedule", settings.schedule().name().toLowerCase(java.util.Locale.ROOT));
        identity.put("warm_up", String.valueOf(settings.warmUp()));
        identity.put("weight_decay", String.valueOf(settings.weightDecay()));
        identity.put("lora_plus_ratio", String.valueOf(settings.ratioOfB()));
        identity.put("max_length", String.valueOf(options.longest(base)));
        identity.put("held_out", String.valueOf(options.heldOut()));
        identity.put("patience", String.valueOf(settings.patience()));
        if (method != Method.SFT) {
            identity.put("beta", String.valueOf(options.beta()));
        }
        options.lora().ifPresent(lora -> {
            identity.put("rank", String.valueOf(lora.rank()));
            identity.put("alpha", String.valueOf(lora.alpha()));
            identity.put("dropout", String.valueOf(lora.dropout()));
            identity.put("targets", String.valueOf(lora.targets()));
            identity.put("rslora", String.valueOf(lora.rankStabilised()));
        });
        options.parent()
                .ifPresent(parent ->
                        identity.put("parent_sha256", FileDigest.of(parent.resolve("adapter_model.safetensors"))));
        return identity;
    }
}
