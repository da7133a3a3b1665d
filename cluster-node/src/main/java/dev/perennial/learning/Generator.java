package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes one completion, a few tokens a call, so that the caller can stream or stop between calls. Holds a key/value
 * cache of the completion's length. For one thread; close it.
 */
public final class Generator implements AutoCloseable {
    private final BaseModel base;
    private final Adapter adapter;
    private final Settings settings;
    private final NDManager manager;
    private final List<NDArray> cache;
    private final SplittableRandom random;
    private int[] next;
    private int position;
    private int written;
    private boolean ended;

    /**
     * @param maxTokens most tokens to write, at least 1
     * @param temperature 0 is greedy
     * @param topP share of probability that is sampled from, above 0 and at most 1
     */
    public record Settings(int maxTokens, double temperature, double topP, long seed) {}

    /**
     * @param prompt at least one token; with the tokens to write it must fit the context, else fewer are written
     * @throws LearningException where the prompt is empty or leaves no room in the context
     */
    public Generator(BaseModel base, Adapter adapter, int[] prompt, Settings settings) {
        int context = base.shape().context();
        if (prompt.length == 0 || prompt.length >= context) {
            throw new LearningException("a prompt is 1 to " + (context - 1) + " tokens, as the base model's context is "
                    + context + "; got " + prompt.length);
        }
        this.base = base;
        this.adapter = adapter;
        this.settings = new Settings(
                Math.min(settings.maxTokens(), context - prompt.length),
                settings.temperature(),
                settings.topP(),
                settings.seed());
        this.next = prompt.clone();
        this.random = new SplittableRandom(settings.seed());
        this.manager = base.scope();
        this.cache = new ArrayList<>();
        Shape size = new Shape(
                1,
                base.shape().kvHeads(),
                (long) prompt.length + this.settings.maxTokens(),
                base.shape().headWidth());
        for (String name : List.of("keys[]", "values[]")) {
            for (int layer = 0; layer < base.shape().layers(); layer++) {
                NDArray array = manager.zeros(size);
                array.setName(name);
                cache.add(array);
            }
        }
    }

    /**
     * Writes up to {@code count} more tokens. The token that ends the answer is not among them.
     *
     * @return empty once the completion has ended
     */
    public int[] advance(int count) {
        int room = Math.min(count, settings.maxTokens() - written);
        if (ended || room <= 0) {
            ended = true;
            return new int[0];
        }
        try (NDManager scope = base.scope()) {
            float[] uniforms = new float[room];
            for (int i = 0; i < room; i++) {
                uniforms[i] = (float) random.nextDouble();
            }
            List<Integer> ends = base.tokenizer().endTokens();
            NDList arguments = new NDList(
                    scope.create(Arrays.stream(next).asLongStream().toArray(), new Shape(1, next.length)),
                    scope.create((long) position),
                    scope.create(uniforms),
                    scope.create(new float[] {(float) settings.temperature(), (float) settings.topP()}),
                    scope.create(ends.stream().mapToLong(Integer::longValue).toArray()));
            arguments.addAll(base.arguments(adapter));
            arguments.addAll(cache);
            long[] out = base.script().infer("generate", arguments).get(0).toLongArray();
            int[] tokens = Arrays.stream(out).mapToInt(token -> (int) token).toArray();
            position += next.length + tokens.length - 1;
            next = new int[] {tokens[tokens.length - 1]};
            written += tokens.length;
            if (ends.contains(next[0])) {
                ended = true;
                return Arrays.copyOf(tokens, tokens.length - 1);
            }
            return tokens;
        }
    }

    /** Whether the model itself ended the completion. */
    public boolean stoppedByModel() {
        return ended && written > 0 && base.tokenizer().endTokens().contains(next[0]);
    }

    /** Whether nothing more will be written. */
    public boolean ended() {
        return ended || written >= settings.maxTokens();
    }

    @Override
    public void close() {
        manager.close();
    }
}
