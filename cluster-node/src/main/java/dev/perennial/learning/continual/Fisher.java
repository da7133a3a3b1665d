package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.GradientSquares;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.ParameterValues;
import dev.perennial.learning.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How much each parameter of an adapter matters to what it has learned: the diagonal of the empirical Fisher information,
 * F_i = mean over examples of (d log p(y | x) / d theta_i)², from the gradient of one example at a time.
 *
 * <p>Online (Schwarz et al. 2018, Progress and Compress, section 3.2): an update's Fisher joins what came before as
 * F = decay F_before + F_new, each F_new divided by its mean over all parameters first, so that no update counts more for its
 * larger loss, and lambda means the same for every model and data. Costs a forward and a backward pass an example and four bytes
 * a parameter, however many updates there were.
 *
 * @param values of the adapter's parameters, 0 or more
 */
public record Fisher(ParameterValues values) {
    private static final String DIGEST = "perennial_base_digest";

    /**
     * Of this data alone, its mean 1.
     *
     * @param adapter that has learned the data
     * @param sequences at least one
     * @param between called before each sequence; what it throws ends the work
     */
    public static Fisher estimate(BaseModel base, Adapter adapter, List<Sequence> sequences, Runnable between) {
        return new Fisher(GradientSquares.mean(base, adapter, sequences, between)).normalised();
    }

    /** Divided by its mean; all 1 where nothing has a gradient, since then nothing tells the parameters apart. */
    Fisher normalised() {
        double mean = values.mean();
        return new Fisher(values.map(value -> mean > 0 ? value / mean : 1));
    }

    /**
     * What matters after one more update.
     *
     * @param later of the update's data
     * @param decay what this one counts beside it, 0 to 1
     * @throws LearningException where they are of adapters of different shapes
     */
    public Fisher then(Fisher later, double decay) {
        return new Fisher(values.with(later.values, (before, after) -> decay * before + after));
    }

    /** Writes a safetensors file with PEFT's names of the parameters. */
    public void write(BaseModel base, Path file) {
        values.write(file, Map.of(DIGEST, base.digest()));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws LearningException where it is of another base, or a value is none
     */
    public static Fisher read(BaseModel base, Path file) {
        String digest = ParameterValues.note(file, DIGEST).orElse("none");
        if (!digest.equals(base.digest())) {
            throw new LearningException(file + " is no Fisher information of an adapter of this base: expected digest "
                    + base.digest() + "; got " + digest);
        }
        Fisher fisher = new Fisher(ParameterValues.read(file));
        fisher.values.values().forEach((name, each) -> {
            for (float value : each) {
                if (!(value >= 0 && value < Float.POSITIVE_INFINITY)) {
                    throw new LearningException(
                            file + ": expected numbers of 0 or more for " + name + "; got " + value);
                }
            }
        });
        return fisher;
    }
}
