package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.perennial.learning.LoraTraining.Objective;
import dev.perennial.learning.Preference.Judged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The losses and gradients of DPO and KTO as TRL's trainers compute them; see {@code preferences.py}. A step that mixes them
 * with cross-entropy must have the weighted sum of the references' gradients.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PreferenceParityTest {
    private static final Path PREFERENCES = References.DIRECTORY.resolve("preferences");
    private static final double LOSS_RELATIVE = 1e-5;
    private static final double GRADIENT_RELATIVE = 1e-4;
    /** Summed over up to 7 tokens, nats. */
    private static final double LOG_PROBABILITY = 1e-4;

    private BaseModel base;
    private JsonNode values;
    private Map<String, Safetensors.Tensor> tensors;

    @BeforeAll
    void open() throws IOException {
        base = BaseModel.open(References.DIRECTORY.resolve("architectures/llama3"));
        values = References.JSON.readTree(Files.readAllBytes(PREFERENCES.resolve("values.json")));
        tensors = new HashMap<>(Safetensors.read(PREFERENCES.resolve("values.safetensors")));
    }

    @AfterAll
    void close() {
        base.close();
    }

    @Test
    void directPreferenceGivesLossAndGradients() {
        compareDirect("sigmoid");
    }

    @Test
    void directPreferenceWithSmoothedLabelsGivesLossAndGradients() {
        compareDirect("smoothed");
    }

    private void compareDirect(String name) {
        compare(values.path("adapter").asText(), List.of(direct(name)));
    }

    /** What the reference has of a term, and the term with a weight. */
    private record Case(String name, LossTerm term, double loss) {}

    private Case direct(String name) {
        List<Sequence> sequences = new ArrayList<>();
        List<Double> expected = new ArrayList<>();
        for (JsonNode pair : values.path("pairs")) {
            for (String part : List.of("chosen", "rejected")) {
                sequences.add(sequence(pair.path("prompt"), pair.path(part)));
                expected.add(pair.path(part + "_reference_logps").asDouble());
            }
        }
        JsonNode settings = values.path("dpo").path(name);
        Preference preference = new Preference.Direct(
                settings.path("beta").asDouble(),
                settings.path("label_smoothing").asDouble());
        return new Case(
                "dpo/" + name + ".",
                new LossTerm.Preferred(1, preference, sequences, judged(sequences, expected, List.of())),
                settings.path("loss").asDouble());
    }

    @Test
    void kahnemanTverskyGivesLossAndGradientsWhereNothingHasMovedFromTheParent() {
        compareKahnemanTversky("random");
    }

    @Test
    void kahnemanTverskyGivesLossAndGradientsFarFromTheParent() {
        assertTrue(values.path("kto").path("willing").path("kl").asDouble() > 1);
        compareKahnemanTversky("willing");
    }

    private void compareKahnemanTversky(String name) {
        compare(values.path("kto").path(name).path("adapter").asText(), List.of(kahnemanTversky(name)));
    }

    private Case kahnemanTversky(String name) {
        JsonNode settings = values.path("kto").path(name);
        List<Sequence> sequences = new ArrayList<>();
        List<Double> expected = new ArrayList<>();
        List<Boolean> desirable = new ArrayList<>();
        for (JsonNode row : settings.path("rows")) {
            sequences.add(sequence(row.path("prompt"), row.path("completion")));
            expected.add(row.path("reference_logps").asDouble());
            desirable.add(row.path("label").asBoolean());
        }
        Preference preference = new Preference.KahnemanTversky(
                settings.path("beta").asDouble(),
                settings.path("desirable_weight").asDouble(),
                settings.path("undesirable_weight").asDouble(),
                settings.path("kl").asDouble());
        return new Case(
                "kto/" + name + ".",
                new LossTerm.Preferred(1, preference, sequences, judged(sequences, expected, desirable)),
                settings.path("loss").asDouble());
    }

    @Test
    void aMixedStepHasTheWeightedSumOfTheLossesAndOfTheGradients() throws IOException {
        Path llama = References.DIRECTORY.resolve("architectures/llama3");
        JsonNode supervised = References.JSON.readTree(Files.readAllBytes(llama.resolve("values.json")));
        tensors.putAll(Safetensors.read(llama.resolve("values.safetensors")));
        List<Sequence> batch = References.batch(supervised);
        Case likelihood = new Case(
                "",
                new LossTerm.Likelihood(1, batch.subList(0, 1), batch.subList(1, batch.size())),
                supervised.path("loss").asDouble());
        compare(values.path("adapter").asText(), List.of(likelihood, direct("sigmoid"), kahnemanTversky("random")));
    }

    /** With our own log-probabilities under the bare base, which must be the reference's. */
    private List<Judged> judged(List<Sequence> sequences, List<Double> expected, List<Boolean> desirable) {
        List<Judged> judged = new ArrayList<>();
        try (Adapter none = Adapter.none(base)) {
            List<Scoring.Result> results = Scoring.score(base, none, sequences);
            for (int i = 0; i < results.size(); i++) {
                assertEquals(expected.get(i), results.get(i).logProbability(), LOG_PROBABILITY);
                judged.add(new Judged(
                        results.get(i).logProbability(), desirable.isEmpty() ? i % 2 == 0 : desirable.get(i)));
            }
        }
        return judged;
    }

    /** One alone with weight 1; several with weights that differ. */
    private void compare(String adapter, List<Case> cases) {
        try (Adapter none = Adapter.none(base);
                Adapter start = PeftDirectory.read(base, References.DIRECTORY.resolve(adapter));
                LoraTraining training = new LoraTraining(base, start, none, Objective.PLAIN, 0)) {
            List<LossTerm> terms = new ArrayList<>();
            double loss = 0;
            for (Case each : cases) {
                double weight = weight(terms.size(), cases.size());
                terms.add(weighted(each.term(), weight));
                loss += weight * each.loss();
            }
            List<float[]> results = training.gradients(terms);
            double offLoss = Math.abs(results.get(0)[0] - loss) / loss;
            double largest = 0;
            int n = 1;
            for (Adapter.Place place : Adapter.places(base.shape())) {
                float[] expected = gradient(cases, place);
                largest = Math.max(
                        largest, References.difference(expected, results.get(n++)) / References.norm(expected));
            }
            assertEquals(results.size(), n);
            String names = cases.stream().map(Case::name).toList().toString();
            System.out.printf("%s: loss off by %.2e, gradients by %.2e%n", names, offLoss, largest);
            assertTrue(offLoss <= LOSS_RELATIVE, names + ": loss off by " + offLoss);
            assertTrue(largest <= GRADIENT_RELATIVE, names + ": gradients off by " + largest);
        }
    }

    private static double weight(int at, int cases) {
        return cases == 1 ? 1 : (at + 1) * 0.25;
    }

    private static LossTerm weighted(LossTerm term, double weight) {
        if (term instanceof LossTerm.Likelihood likelihood) {
            return new LossTerm.Likelihood(weight, likelihood.fresh(), likelihood.replayed());
        }
        if (term instanceof LossTerm.Preferred preferred) {
            return new LossTerm.Preferred(weight, preferred.preference(), preferred.sequences(), preferred.judged());
        }
        throw new AssertionError(term);
    }

    private float[] gradient(List<Case> cases, Adapter.Place place) {
        String name =
                "gradient.base_model.model." + place.module() + (place.down() ? ".lora_A.weight" : ".lora_B.weight");
        float[] sum = new float[0];
        for (int i = 0; i < cases.size(); i++) {
            float[] own = References.floats(tensors, cases.get(i).name() + name);
            sum = i == 0 ? new float[own.length] : sum;
            for (int n = 0; n < own.length; n++) {
                sum[n] += (float) (weight(i, cases.size()) * own[n]);
            }
        }
        return sum;
    }

    private static Sequence sequence(JsonNode prompt, JsonNode answer) {
        int[] read = References.ints(prompt);
        int[] learned = References.ints(answer);
        int[] ids = Arrays.copyOf(read, read.length + learned.length);
        System.arraycopy(learned, 0, ids, read.length, learned.length);
        return new Sequence(ids, read.length, true);
    }
}
