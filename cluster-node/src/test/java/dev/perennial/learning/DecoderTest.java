package dev.perennial.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of a decoder: what they write does not depend on who shares the batch, and is what the model says. */
class DecoderTest {
    private static final int ROWS = 8;
    private static final int TOKENS = 17;
    private static final int ALTERNATIVES = 4;

    private static final List<Integer> RANKS = List.of(1, 2, 4, 5, 8, 16, 33);
    private static final int[] CHUNKS = {1, 3, 8};
    private static final double LOG_PROBABILITY = 1e-4;
    private static final int DRAWS = 1600;
    private static final int BINS = 8;
    /** Exceeded once in 10,000 times with 7 degrees of freedom. */
    private static final double CHI_SQUARE = 29.9;

    /** What one row is asked for. */
    private record Asked(Adapter adapter, int[] prompt, Decoder.Settings settings) {}

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "llama-bias", "mistral", "qwen2-window", "qwen3", "embedded"})
    void aRowWritesTheSameBitsWhoeverSharesTheBatch(String name) {
        try (Bench bench = new Bench(name)) {
            List<Asked> asked = bench.asked();
            List<List<Decoder.Token>> alone =
                    asked.stream().map(one -> alone(bench.base, one, TOKENS)).toList();
            assertTrue(alone.stream().distinct().count() >= ROWS / 2, "most rows should differ from each other");
            for (int chunk : CHUNKS) {
                for (int turn = 0; turn < ROWS; turn += 3) {
                    assertEquals(alone, together(bench.base, asked, turn, chunk), "chunk " + chunk + " turn " + turn);
                }
            }
        }
    }

    @Test
    void aRowWritesTheSameBitsWhileNeighboursComeAndGo() {
        try (Bench bench = new Bench("embedded")) {
            List<Asked> asked = bench.asked();
            Asked watched = asked.get(5);
            List<Decoder.Token> alone = alone(bench.base, watched, 3);
            SplittableRandom random = new SplittableRandom(7);
            List<Decoder.Token> written = new ArrayList<>();
            try (Decoder decoder = new Decoder(bench.base, ROWS)) {
                List<Decoder.Row> others = new ArrayList<>();
                others.add(decoder.admit(asked.get(1).adapter(), asked.get(1).prompt(), greedy(2)));
                Decoder.Row row = decoder.admit(watched.adapter(), watched.prompt(), watched.settings());
                while (!row.ended()) {
                    decoder.advance(1 + random.nextInt(3));
                    written.addAll(row.take());
                    if (!others.isEmpty() && random.nextBoolean()) {
                        others.remove(random.nextInt(others.size())).close();
                    }
                    while (decoder.free() > 0 && random.nextInt(3) > 0) {
                        Asked next = asked.get(random.nextInt(ROWS));
                        others.add(decoder.admit(
                                next.adapter(), next.prompt(), new Decoder.Settings(1 + random.nextInt(6), 1, 0.9, 3)));
                    }
                }
            }
            assertEquals(alone, written);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "mistral", "qwen2-window", "qwen3", "embedded"})
    void givesTheLogProbabilitiesOfTheModel(String name) {
        try (Bench bench = new Bench(name)) {
            double off = 0;
            for (Asked asked : bench.asked()) {
                List<Decoder.Token> written = alone(bench.base, asked, 8);
                int[] ids = IntStream.concat(
                                Arrays.stream(asked.prompt()), written.stream().mapToInt(Decoder.Token::id))
                        .toArray();
                float[] logits = References.logits(bench.base, asked.adapter(), ids);
                for (int n = 0; n < written.size(); n++) {
                    double[] expected = logSoftmax(bench.base, logits, asked.prompt().length - 1 + n, 1);
                    off = Math.max(
                            off, off(expected, written.get(n), asked.settings().alternatives()));
                }
            }
            References.within(name + " log-probabilities", off, LOG_PROBABILITY);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 4})
    void givesTheLogProbabilitiesOfTheModelInEveryFormOfProduct(int form) {
        try (Bench bench = new Bench("embedded");
                Decoder decoder = new Decoder(bench.base, ROWS, new RowProducts(form, form))) {
            List<Asked> asked = bench.asked();
            List<Decoder.Row> rows = asked.stream()
                    .map(one -> decoder.admit(
                            one.adapter(), one.prompt(), new Decoder.Settings(1, 0, 1, 0, 0, ALTERNATIVES)))
                    .toList();
            decoder.advance(1);
            double off = 0;
            for (int i = 0; i < ROWS; i++) {
                Asked one = asked.get(i);
                Decoder.Token token = rows.get(i).take().get(0);
                int[] ids = IntStream.concat(Arrays.stream(one.prompt()), IntStream.of(token.id()))
                        .toArray();
                float[] logits = References.logits(bench.base, one.adapter(), ids);
                double[] expected = logSoftmax(bench.base, logits, one.prompt().length - 1, 1);
                off = Math.max(off, off(expected, token, ALTERNATIVES));
            }
            References.within("log-probabilities of form " + form, off, LOG_PROBABILITY);
        }
    }

    /** How far off a token and its alternatives are, which are the most probable tokens, best first. */
    private static double off(double[] expected, Decoder.Token token, int alternatives) {
        assertEquals(alternatives, token.alternatives().size());
        double[] best =
                Arrays.stream(expected).map(p -> -p).sorted().map(p -> -p).toArray();
        double off = Math.abs(expected[token.id()] - token.logProbability());
        for (int k = 0; k < alternatives; k++) {
            Decoder.Alternative alternative = token.alternatives().get(k);
            off = Math.max(off, Math.abs(expected[alternative.id()] - alternative.logProbability()));
            off = Math.max(off, Math.abs(best[k] - alternative.logProbability()));
            if (alternative.id() == token.id()) {
                assertEquals(token.logProbability(), alternative.logProbability());
            }
        }
        return off;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "1.7, 1, 0", "1, 0.5, 0", "1, 1, 6", "0.7, 0.8, 12", "0.5, 0.9, 300"})
    void drawsTokensAsOftenAsTheirProbabilitySays(double temperature, double topP, int topK) {
        int[] prompt = {7, 30, 100};
        try (Bench bench = new Bench("qwen3");
                Decoder decoder = new Decoder(bench.base, ROWS)) {
            Adapter adapter = bench.adapters.get(4);
            double[] logs = logSoftmax(
                    bench.base, References.logits(bench.base, adapter, prompt), prompt.length - 1, temperature);
            double[] expected = nucleus(logs, topP, topK);
            int[] drawn = new int[expected.length];
            int draws = 0;
            for (long seed = 0; draws < DRAWS; seed += ROWS) {
                List<Decoder.Row> rows = new ArrayList<>();
                for (int s = 0; s < ROWS; s++) {
                    rows.add(decoder.admit(
                            adapter, prompt, new Decoder.Settings(1, temperature, topP, topK, seed + s, 0)));
                }
                decoder.advance(1);
                for (Decoder.Row row : rows) {
                    // the token that ends a completion is not handed out
                    int id = row.stoppedByModel() ? -1 : row.take().get(0).id();
                    if (id >= 0) {
                        drawn[id]++;
                        draws++;
                    }
                    row.close();
                }
            }
            bench.base.tokenizer().endTokens().forEach(end -> expected[end] = 0);
            assertLikely(expected, drawn, draws);
        }
    }

    /** Pearson's chi-square over the most probable tokens and the rest of them together. */
    private static void assertLikely(double[] expected, int[] drawn, int draws) {
        double mass = Arrays.stream(expected).sum();
        List<Integer> order = IntStream.range(0, expected.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -expected[i]))
                .toList();
        double statistic = 0;
        double restExpected = draws;
        int restDrawn = draws;
        for (int id : order.subList(0, BINS - 1)) {
            double often = draws * expected[id] / mass;
            if (often > 0) {
                statistic += (drawn[id] - often) * (drawn[id] - often) / often;
            } else {
                assertEquals(0, drawn[id], "token " + id + " has no probability");
            }
            restExpected -= often;
            restDrawn -= drawn[id];
        }
        if (restExpected > 1) {
            statistic += (restDrawn - restExpected) * (restDrawn - restExpected) / restExpected;
        }
        for (int id = 0; id < drawn.length; id++) {
            assertTrue(drawn[id] == 0 || expected[id] > 0, "token " + id + " is not among those to draw from");
        }
        assertTrue(statistic < CHI_SQUARE, "chi-square " + statistic);
    }

    /** The probabilities of the top k tokens, then of those of them that make up top-p, not yet made to sum to 1. */
    private static double[] nucleus(double[] logs, double topP, int topK) {
        List<Integer> order = IntStream.range(0, logs.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logs[i]))
                .toList();
        List<Integer> top = order.subList(0, topK == 0 ? logs.length : Math.min(topK, logs.length));
        double mass = top.stream().mapToDouble(i -> Math.exp(logs[i])).sum();
        double[] kept = new double[logs.length];
        double before = 0;
        for (int id : top) {
            if (before < topP * mass) {
                kept[id] = Math.exp(logs[id]);
            }
            before += Math.exp(logs[id]);
        }
        return kept;
    }

    private static double[] logSoftmax(BaseModel base, float[] logits, int place, double temperature) {
        int size = base.shape().vocabulary();
        double[] z = IntStream.range(0, size)
                .mapToDouble(i -> logits[place * size + i] / temperature)
                .toArray();
        double most = Arrays.stream(z).max().orElseThrow();
        double log = most
                + Math.log(Arrays.stream(z).map(value -> Math.exp(value - most)).sum());
        return Arrays.stream(z).map(value -> value - log).toArray();
    }

    @Test
    void aClosedRowMakesRoomAndAFailedOneTakesNone() {
        try (Bench bench = new Bench("llama3");
                Decoder decoder = new Decoder(bench.base, 3)) {
            Adapter none = bench.adapters.get(0);
            int context = bench.base.shape().context();
            Decoder.Row first = decoder.admit(none, new int[] {7, 8}, greedy(5));
            assertThrows(LearningException.class, () -> decoder.admit(none, new int[context], greedy(1)));
            assertThrows(LearningException.class, () -> decoder.admit(none, new int[0], greedy(1)));
            assertEquals(2, decoder.free());
            decoder.admit(none, new int[] {40, 41}, greedy(3));
            Decoder.Row second = decoder.admit(bench.adapters.get(7), new int[] {9, 10, 11}, greedy(5));
            LearningException full =
                    assertThrows(LearningException.class, () -> decoder.admit(none, new int[] {7}, greedy(1)));
            assertEquals("this decoder writes 3 rows already", full.getMessage());
            decoder.advance(2);
            first.close();
            first.close();
            assertEquals(1, decoder.free());
            decoder.advance(3);
            assertEquals(
                    alone(bench.base, new Asked(bench.adapters.get(7), new int[] {9, 10, 11}, greedy(5)), 5),
                    second.take());
            assertFalse(decoder.admit(none, new int[] {7}, greedy(1)).ended());
        }
    }

    @Test
    void anAdapterOfHigherRankThanAllBeforeFindsRoom() {
        try (Bench bench = new Bench("embedded");
                Decoder decoder = new Decoder(bench.base, ROWS)) {
            List<Decoder.Row> rows = new ArrayList<>();
            List<Asked> asked = bench.asked();
            for (int i = 0; i < ROWS; i++) {
                Asked one = asked.get(i);
                rows.add(decoder.admit(one.adapter(), one.prompt(), one.settings()));
                decoder.advance(1);
            }
            decoder.advance(TOKENS);
            for (int i = 0; i < ROWS; i++) {
                assertEquals(
                        alone(bench.base, asked.get(i), TOKENS), rows.get(i).take(), "row " + i);
            }
        }
    }

    private static List<Decoder.Token> alone(BaseModel base, Asked asked, int chunk) {
        return References.write(base, ROWS, asked.adapter(), asked.prompt(), asked.settings(), chunk);
    }

    /** All of them in one batch, so many places further on, in the order in which they were asked for. */
    private static List<List<Decoder.Token>> together(BaseModel base, List<Asked> asked, int turn, int chunk) {
        List<Decoder.Row> rows = new ArrayList<>();
        List<List<Decoder.Token>> written = new ArrayList<>();
        try (Decoder decoder = new Decoder(base, asked.size())) {
            for (int slot = 0; slot < asked.size(); slot++) {
                Asked one = asked.get((slot + turn) % asked.size());
                rows.add(decoder.admit(one.adapter(), one.prompt(), one.settings()));
                written.add(new ArrayList<>());
            }
            while (!rows.stream().allMatch(Decoder.Row::ended)) {
                decoder.advance(chunk);
                for (int slot = 0; slot < rows.size(); slot++) {
                    written.get(slot).addAll(rows.get(slot).take());
                }
            }
        }
        List<List<Decoder.Token>> inOrder = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            inOrder.add(written.get(Math.floorMod(i - turn, asked.size())));
        }
        return inOrder;
    }

    private static Decoder.Settings greedy(int tokens) {
        return new Decoder.Settings(tokens, 0, 1, 0, 0, 0);
    }

    /** A base and eight adapters of it: the bare base, and one of each rank, with random values and various targets. */
    private static final class Bench implements AutoCloseable {
        private static final List<List<String>> TARGETS = List.of(
                List.of("all-linear"),
                List.of("q_proj", "v_proj"),
                List.of("o_proj"),
                List.of("down_proj", "gate_proj"));

        private final BaseModel base;
        private final List<Adapter> adapters = new ArrayList<>();

        Bench(String name) {
            Path directory = name.equals("embedded") ? References.EMBEDDED : References.ARCHITECTURES.resolve(name);
            this.base = BaseModel.open(directory);
            adapters.add(Adapter.none(base));
            for (int i = 0; i < RANKS.size(); i++) {
                adapters.add(RandomAdapters.of(base, RANKS.get(i), TARGETS.get(i % TARGETS.size()), i));
            }
        }

        List<Asked> asked() {
            List<Asked> asked = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; i < ROWS; i++) {
                int[] prompt =
                        random.ints(1 + 3L * i, 6, base.shape().vocabulary()).toArray();
                Decoder.Settings settings = new Decoder.Settings(
                        TOKENS - i % 3 * 5,
                        i % 2 == 0 ? 0 : 1.3,
                        i % 3 == 0 ? 1 : 0.9,
                        i % 4 == 0 ? 0 : 20,
                        i,
                        i % ALTERNATIVES);
                asked.add(new Asked(adapters.get(i), prompt, settings));
            }
            return asked;
        }

        @Override
        public void close() {
            adapters.forEach(Adapter::close);
            base.close();
        }
    }
}
