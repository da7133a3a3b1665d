package dev.perennial.domain;

import dev.perennial.protocols.SchedulerSnapshot.Entry;
import dev.perennial.protocols.TrainerCapabilities;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.VersionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Which trainer runs an update. One without the base that the domain's live version was trained on, or with less memory free
 * than the update needs, never does. Of the others the first by the rules of {@link Preference}, in their order, does.
 *
 * <p>The device comes before the domain's own adapters: these are fetched in a second, which a slower device loses many times.
 * A trainer that has not said what it can do, as one of an earlier build, is taken to fit, and comes last.
 */
public final class Placement {
    private static final double BYTES_A_GIB = 1L << 30;
    private static final int DIGITS_SHOWN = 12;

    private Placement() {}

    /** @param capabilities empty where it has not said */
    public record Trainer(String id, Optional<TrainerCapabilities> capabilities) {}

    /** What needs a trainer meets: two of which it is the same fit the same. */
    record Fit(List<String> bases, long freeBytes) {}

    /** @param why the trainer, for people */
    record Choice(Trainer trainer, String why) {}

    /** What tells two trainers that fit apart. */
    private enum Preference {
        ELSEWHERE("the update's latest attempt did not end there"),
        BASE("it says that it has the base"),
        DEVICE("its device is faster"),
        DOMAIN("it has the later version of the domain at hand"),
        USE("its latest lease is longer ago"),
        NAME("its name comes first");

        final String why;

        Preference(String why) {
            this.why = why;
        }
    }

    /** Trainers of which nothing is known but their names. */
    public static List<Trainer> unknown(String... ids) {
        return Stream.of(ids).map(id -> new Trainer(id, Optional.empty())).toList();
    }

    /** Asked for each lane with each grant. */
    static boolean fitsAny(Need need, Collection<Trainer> trainers) {
        for (Trainer trainer : trainers) {
            if (fits(need, trainer)) {
                return true;
            }
        }
        return false;
    }

    static boolean fits(Need need, Trainer trainer) {
        return trainer.capabilities()
                .filter(able -> lacksBase(need, able) || lacksMemory(need, able))
                .isEmpty();
    }

    /** Empty where all needs are taken to fit. */
    static Optional<Fit> fit(Trainer trainer) {
        return trainer.capabilities().map(able -> new Fit(able.bases(), free(able)));
    }

    private static boolean lacksBase(Need need, TrainerCapabilities able) {
        return need.base().filter(base -> !able.bases().contains(base)).isPresent();
    }

    private static boolean lacksMemory(Need need, TrainerCapabilities able) {
        return need.memoryBytes().filter(bytes -> bytes > free(able)).isPresent();
    }

    private static long free(TrainerCapabilities able) {
        return able.freeBytes().orElse(able.memoryBytes());
    }

    /** Why the trainer cannot run the request; empty where it can. */
    static Optional<String> obstacle(UpdateRequest request, Trainer trainer) {
        Need need = Need.of(request);
        return trainer.capabilities()
                .filter(able -> !fits(need, trainer))
                .map(able -> trainer.id() + " has "
                        + (lacksBase(need, able)
                                ? "not the base " + shortened(need.base().orElseThrow())
                                : gib(free(able)) + " free of the "
                                        + gib(need.memoryBytes().orElseThrow()) + " needed"));
    }

    private static String shortened(String digest) {
        return digest.substring(0, Math.min(DIGITS_SHOWN, digest.length()));
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / BYTES_A_GIB);
    }

    /** Empty where none fits. */
    static Optional<Choice> choose(Entry entry, Collection<Trainer> idle, TrainerUses uses) {
        Need need = Need.of(entry.request());
        List<Trainer> fitting = new ArrayList<>();
        for (Trainer each : idle) {
            if (fits(need, each)) {
                fitting.add(each);
            }
        }
        if (fitting.isEmpty()) {
            return Optional.empty();
        }
        Comparator<Trainer> order = order(entry, uses);
        Trainer best = fitting.stream().min(order).orElseThrow();
        if (fitting.size() == 1) {
            return Optional.of(new Choice(
                    best,
                    idle.size() == 1 ? "the only idle trainer" : "the only one of " + idle.size() + " idle that fits"));
        }
        fitting.remove(best);
        Trainer next = fitting.stream().min(order).orElseThrow();
        return Optional.of(new Choice(
                best,
                described(entry, best) + "; rather than " + next.id() + ", as "
                        + deciding(entry, uses, best, next).why));
    }

    private static Comparator<Trainer> order(Entry entry, TrainerUses uses) {
        return (one, other) -> {
            for (Preference preference : Preference.values()) {
                int order = compare(preference, entry, uses, one, other);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    private static Preference deciding(Entry entry, TrainerUses uses, Trainer best, Trainer next) {
        return Stream.of(Preference.values())
                .filter(preference -> compare(preference, entry, uses, best, next) != 0)
                .findFirst()
                .orElse(Preference.NAME);
    }

    /** Negative where the one is to be preferred. */
    private static int compare(Preference preference, Entry entry, TrainerUses uses, Trainer one, Trainer other) {
        return switch (preference) {
            case ELSEWHERE -> Boolean.compare(endedAt(entry, one), endedAt(entry, other));
            case BASE ->
                Boolean.compare(
                        one.capabilities().isEmpty(), other.capabilities().isEmpty());
            case DEVICE -> Boolean.compare(!isGpu(one), !isGpu(other));
            case DOMAIN -> Integer.compare(latestVersion(entry, other), latestVersion(entry, one));
            case USE -> Long.compare(uses.latest(one.id()), uses.latest(other.id()));
            case NAME -> one.id().compareTo(other.id());
        };
    }

    /** Whether the latest attempt that failed was there. */
    private static boolean endedAt(Entry entry, Trainer trainer) {
        int attempts = entry.ends().size();
        return attempts > 0 && entry.ends().get(attempts - 1).startsWith(SchedulerDecisions.toldOf(trainer.id()));
    }

    private static boolean isGpu(Trainer trainer) {
        return trainer.capabilities()
                .filter(able -> able.device().startsWith("cuda"))
                .isPresent();
    }

    /** The latest version of the request's domain that the trainer has at hand; 0 for none. */
    private static int latestVersion(Entry entry, Trainer trainer) {
        if (trainer.capabilities().isEmpty()) {
            return 0;
        }
        OptionalInt latest = trainer.capabilities().get().adapters().stream()
                .filter(version -> version.domain().equals(entry.request().id().domain()))
                .mapToInt(VersionId::number)
                .max();
        return latest.orElse(0);
    }

    private static String described(Entry entry, Trainer trainer) {
        List<String> facts = new ArrayList<>();
        trainer.capabilities().ifPresent(able -> {
            entry.request().signals().base().ifPresent(base -> facts.add("has the base " + shortened(base)));
            facts.add("is on " + able.device());
            int version = latestVersion(entry, trainer);
            if (version > 0) {
                facts.add("has " + new VersionId(entry.request().id().domain(), version) + " at hand");
            }
        });
        return facts.isEmpty() ? "has not said what it can do" : String.join(", ", facts);
    }
}
