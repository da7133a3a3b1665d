package dev.perennial.domain;

import dev.perennial.protocols.DomainSnapshot.Kept;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.Measurement;
import dev.perennial.protocols.ReplayStrategy;

/**
 * What a replay buffer chooses by: the stratum that an example belongs to, and its rank there. Where not all fit, the lowest
 * of the largest stratum gives way, so that strata are kept as equal as what came allows (greedy balancing: GDumb; Prabhu,
 * Torr and Dokania 2020).
 *
 * <p>Balanced strategies rank at random. The n highest of random ranks are a uniform sample of their stratum whatever n
 * becomes, as in class-balancing reservoir sampling (Chrysakis and Moens 2020), and no count of what has gone by is needed.
 *
 * <p>Herding takes each update for a class of iCaRL (Rebuffi et al. 2017): the buffer is shared out equally among the updates,
 * and of each the first in the order of herding stay (algorithm 5). What was not measured gives way first.
 *
 * <p>Loss-based keeps an example with a chance in proportion to its loss (as prioritized replay draws, Schaul et al. 2016) by
 * the ranks u<sup>1/loss</sup> of weighted sampling with a reservoir (Efraimidis and Spirakis 2006, A-Res). To keep the
 * hardest alone would be to keep what is wrong in the data. What was not measured counts as a loss of 1.
 */
final class Retention {
    private static final String ONE = "";
    private static final double LEAST_LOSS = 1e-6;

    private Retention() {}

    /** The stratum within which an example has to give way. */
    static String stratum(ReplayStrategy strategy, Kept kept) {
        return switch (strategy) {
            case CLASS_BALANCED, SOURCE_BALANCED, HERDING -> drawn(strategy, kept);
            case RESERVOIR, LOSS_BASED -> ONE;
        };
    }

    /** The stratum by which an update draws: the answer, the update, and else the source. Documents are one class. */
    static String drawn(ReplayStrategy strategy, Kept kept) {
        ExampleRef example = kept.example();
        return switch (strategy) {
            case CLASS_BALANCED -> example.answerId().orElse(ONE);
            case HERDING -> Integer.toString(kept.update());
            case RESERVOIR, SOURCE_BALANCED, LOSS_BASED -> example.source().orElse(ONE);
        };
    }

    /** @return the higher, the longer it stays */
    static double rank(ReplayStrategy strategy, long seed, Kept kept) {
        double random = Mixing.unit(Mixing.draw(seed, Mixing.hash(kept.example().id())));
        return switch (strategy) {
            case RESERVOIR, CLASS_BALANCED, SOURCE_BALANCED -> random;
            case HERDING ->
                kept.measurement()
                        .flatMap(Measurement::herdingRank)
                        .map(place -> -(double) place)
                        .orElse(Double.NEGATIVE_INFINITY);
            case LOSS_BASED ->
                // The logarithm of u^(1/loss). StrictMath, since ranks are the same on every machine.
                StrictMath.log(random)
                        / Math.max(
                                LEAST_LOSS,
                                kept.measurement().flatMap(Measurement::loss).orElse(1.0));
        };
    }
}
