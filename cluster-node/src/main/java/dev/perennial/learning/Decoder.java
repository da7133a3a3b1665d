package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Writes several completions at once, each row with its own adapter, a few tokens a call, so that rows may come and go, and the
 * caller may stream or stop, between calls. What a row writes does not depend on who shares the batch.
 *
 * <p>For one thread; close it.
 */
public final class Decoder implements AutoCloseable {
    private final BaseModel base;
    private final int capacity;
    private final RowProducts products;
    private final NDManager manager;
    private final List<Row> rows = new ArrayList<>();
    private Optional<AdapterBank> bank = Optional.empty();

    /**
     * @param maxTokens most tokens to write, at least 1
     * @param temperature 0 is greedy
     * @param topP share of probability that is sampled from, above 0 and at most 1
     * @param topK how many of the most probable tokens are sampled from; 0 is all
     * @param alternatives whether log-probabilities are wanted: -1 no, 0 those of the written tokens, n also the n most probable
     *     tokens of each step
     */
    public record Settings(int maxTokens, double temperature, double topP, int topK, long seed, int alternatives) {
        /** Without a limit of tokens to sample from and without log-probabilities. */
        public Settings(int maxTokens, double temperature, double topP, long seed) {
            this(maxTokens, temperature, topP, 0, seed, -1);
        }

        public Settings {
            if (maxTokens < 1
                    || !(temperature >= 0 && temperature <= 1e3)
                    || !(topP > 0 && topP <= 1)
                    || topK < 0
                    || alternatives < -1
                    || alternatives > 100) {
                throw new LearningException(
                        "decoding expects at least 1 token, a temperature of 0 to 1000, top-p above 0 to 1,"
                                + " top-k of at least 0 and -1 to 100 alternatives; got " + maxTokens + ", "
                                + temperature + ", " + topP
                                + ", " + topK + ", " + alternatives);
            }
        }
    }

    /**
     * One written token.
     *
     * @param logProbability under the model as it is (temperature 1), nats; NaN where it was not asked for
     * @param alternatives the most probable tokens there, best first
     */
    public record Token(int id, double logProbability, List<Alternative> alternatives) {}

    /** A token that could have been written, and its log-probability. */
    public record Alternative(int id, double logProbability) {}

    /** @param capacity most rows at once, at least 1 */
    public Decoder(BaseModel base, int capacity) {
        this(base, capacity, base.rowProducts(capacity));
    }

    Decoder(BaseModel base, int capacity, RowProducts products) {
        if (capacity < 1 || capacity > 1024) {
            throw new LearningException("a decoder has room for 1 to 1024 rows; got " + capacity);
        }
        this.base = base;
        this.capacity = capacity;
        this.products = products;
        this.manager = base.scope();
    }

    /** Rows that may still be admitted. */
    public int free() {
        return capacity - rows.size();
    }

    /**
     * Takes in a prompt. The adapter must stay open as long as the row.
     *
     * @param prompt at least one token; with the tokens to write it must fit the context, else fewer are written
     * @throws LearningException where the prompt is empty or leaves no room in the context, or there is no free row
     */
    public Row admit(Adapter adapter, int[] prompt, Settings settings) {
        int context = base.shape().context();
        if (prompt.length == 0 || prompt.length >= context) {
            throw new LearningException("a prompt is 1 to " + (context - 1) + " tokens, as the base model's context is "
                    + context + "; got " + prompt.length);
        }
        if (free() == 0) {
            throw new LearningException("this decoder writes " + capacity + " rows already");
        }
        Row row = new Row(adapter, prompt, settings);
        rows.add(row);
        try {
            seat(row);
            row.prefill();
        } catch (RuntimeException e) {
            row.close();
            throw e;
        }
        return row;
    }

    /** Room for every row's adapter; made anew where one comes that does not fit it. */
    private void seat(Row row) {
        if (bank.isEmpty() || !bank.get().fits(row.adapter)) {
            AdapterBank roomier = new AdapterBank(
                    base,
                    manager,
                    computed(capacity),
                    rows.stream().map(each -> each.adapter).toList());
            bank.ifPresent(AdapterBank::close);
            bank = Optional.of(roomier);
            for (int slot = 0; slot < rows.size(); slot++) {
                bank.get().seat(slot, rows.get(slot).adapter);
            }
        } else {
            bank.get().seat(rows.indexOf(row), row.adapter);
        }
    }

    /** Writes up to {@code count} more tokens in every row that has not ended. */
    public void advance(int count) {
        if (rows.stream().allMatch(Row::ended) || count < 1) {
            return;
        }
        int size = computed(rows.size());
        float[] uniforms = new float[count * size];
        float[] sampling = new float[3 * size];
        long[] tokens = new long[size];
        long[] positions = new long[size];
        long[] room = new long[size];
        for (int s = 0; s < rows.size(); s++) {
            Row row = rows.get(s);
            tokens[s] = row.next;
            positions[s] = row.position;
            room[s] = row.ended() ? 0 : row.limit - row.written;
            sampling[3 * s] = (float) row.settings.temperature();
            sampling[3 * s + 1] = (float) row.settings.topP();
            sampling[3 * s + 2] = row.settings.topK();
            for (int n = 0; n < count && n < room[s]; n++) {
                uniforms[n * size + s] = (float) row.random.nextDouble();
            }
        }
        int alternatives = rows.stream()
                .mapToInt(row ->
                        Math.min(row.settings.alternatives(), base.shape().vocabulary()))
                .max()
                .orElse(-1);
        try (NDManager scope = base.scope()) {
            NDList arguments = new NDList(
                    scope.create(tokens),
                    scope.create(positions),
                    scope.create(room),
                    scope.create(uniforms, new Shape(count, size)),
                    scope.create(sampling, new Shape(size, 3)),
                    scope.create(base.tokenizer().endTokens().stream()
                            .mapToLong(Integer::longValue)
                            .toArray()),
                    scope.create((long) alternatives),
                    scope.create(new long[] {products.projections(), products.head()}));
            arguments.addAll(base.arguments());
            arguments.addAll(bank.orElseThrow().tensors());
            rows.forEach(row -> arguments.addAll(row.caches));
            NDList results = base.script().infer("decode", arguments);
            new Written(results, size, alternatives).handOut();
        }
    }

    /** Rows that are computed for so many; on a GPU always the same number, for there sizes round differently. */
    private int computed(int count) {
        if (manager.getDevice().isGpu()) {
            return capacity;
        }
        return capacity <= RowProducts.FEW ? count : (count + 1) / 2 * 2;
    }

    /** What one call wrote, row by row. */
    private final class Written {
        private final long[] ids;
        private final float[] logs;
        private final long[] otherIds;
        private final float[] otherLogs;
        private final int size;
        private final int alternatives;

        Written(NDList results, int size, int alternatives) {
            this.size = size;
            this.alternatives = alternatives;
            this.ids = results.get(0).toLongArray();
            this.logs = alternatives >= 0 ? results.get(1).toFloatArray() : new float[0];
            this.otherIds = alternatives > 0 ? results.get(2).toLongArray() : new long[0];
            this.otherLogs = alternatives > 0 ? results.get(3).toFloatArray() : new float[0];
        }

        void handOut() {
            for (int n = 0; n < ids.length / size; n++) {
                for (int s = 0; s < size; s++) {
                    if (ids[n * size + s] >= 0) {
                        rows.get(s)
                                .write(token(n * size + s, rows.get(s).settings.alternatives()));
                    }
                }
            }
        }

        private Token token(int place, int wanted) {
            List<Alternative> others = IntStream.range(0, Math.max(0, Math.min(wanted, alternatives)))
                    .map(k -> place * alternatives + k)
                    .mapToObj(k -> new Alternative((int) otherIds[k], otherLogs[k]))
                    .toList();
            return new Token((int) ids[place], wanted < 0 ? Double.NaN : logs[place], others);
        }
    }

    /** One completion. */
    public final class Row implements AutoCloseable {
        private final Adapter adapter;
        private final int[] prompt;
        private final Settings settings;
        private final int limit;
        private final SplittableRandom random;
        private final NDManager scope;
        private final NDList caches = new NDList();
        private final List<Token> fresh = new ArrayList<>();
        private int next;
        private int position;
        private int written;
        private boolean stopped;

        private Row(Adapter adapter, int[] prompt, Settings settings) {
            this.adapter = adapter;
            this.prompt = prompt.clone();
            this.settings = settings;
            this.limit = Math.min(settings.maxTokens(), base.shape().context() - prompt.length);
            this.random = new SplittableRandom(settings.seed());
            this.next = prompt[prompt.length - 1];
            this.position = prompt.length - 1;
            this.scope = manager.newSubManager();
            Shape size = new Shape(
                    1,
                    2L * base.shape().kvHeads(),
                    (long) prompt.length + limit,
                    base.shape().headWidth());
            try {
                for (int layer = 0; layer < base.shape().layers(); layer++) {
                    NDArray cache = base.zeros(scope, size);
                    cache.setName("caches[]");
                    caches.add(cache);
                }
            } catch (RuntimeException e) {
                scope.close();
                throw e;
            }
        }

        /** All of the prompt but its last token, which the first step reads. */
        private void prefill() {
            if (prompt.length == 1) {
                return;
            }
            int[] read = Arrays.copyOf(prompt, prompt.length - 1);
            try (NDManager call = base.scope()) {
                NDList arguments = new NDList(
                        call.create(Arrays.stream(read).asLongStream().toArray()),
                        call.arange(read.length).toType(DataType.INT64, false),
                        call.create(new long[] {0, 1, read.length}));
                arguments.addAll(base.arguments(adapter));
                arguments.addAll(caches);
                base.script().infer("prefill", arguments);
            }
        }

        private void write(Token token) {
            position++;
            written++;
            next = token.id();
            if (base.tokenizer().endTokens().contains(token.id())) {
                stopped = true;
            } else {
                fresh.add(token);
            }
        }

        /** The tokens written since the last call of this; the one that ends the completion is not among them. */
        public List<Token> take() {
            List<Token> taken = List.copyOf(fresh);
            fresh.clear();
            return taken;
        }

        /** Whether the model itself ended the completion. */
        public boolean stoppedByModel() {
            return stopped;
        }

        /** Whether nothing more will be written. */
        public boolean ended() {
            return stopped || written >= limit;
        }

        /** Makes room for another row. */
        @Override
        public void close() {
            int slot = rows.indexOf(this);
            if (slot >= 0) {
                // The last row moves to the free slot.
                Row last = rows.remove(rows.size() - 1);
                if (last != this) {
                    rows.set(slot, last);
                    bank.ifPresent(seats -> seats.seat(slot, last.adapter));
                }
                scope.close();
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
