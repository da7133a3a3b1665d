package dev.perennial.learning.continual;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.continual.UpdateSet.Choices;
import dev.perennial.learning.continual.UpdateSet.Chosen;
import dev.perennial.learning.continual.UpdateSet.Item;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import dev.perennial.learning.dataset.EncodedData.Pair;
import dev.perennial.learning.tuning.Lesson;
import dev.perennial.learning.tuning.PreferenceLessons;
import dev.perennial.learning.tuning.TuningProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What batches are drawn from, each with its loss.
 *
 * @param lessons makes batches of them
 */
record Parts(
        PreferenceLessons lessons, List<Part> fresh, List<Part> earlier, List<Part> general, List<Part> neighbours) {
    /** Something to learn, and the example that it is of. */
    record Part(String id, Lesson lesson) {}

    /**
     * @param pools to be learned and to be replayed
     * @param choices learned and replayed beside them
     * @param parent what new choices are relative to
     * @param bare what earlier ones are relative to
     */
    static Parts of(
            BaseModel base,
            ContinualPlan plan,
            Pools pools,
            Choices choices,
            Adapter parent,
            Adapter bare,
            Consumer<TuningProgress> progress) {
        PreferenceLessons lessons = new PreferenceLessons(base, plan.training().beta());
        List<Sequence> answers = pools.fresh().stream().map(Item::sequence).toList();
        List<Part> learned = likely(pools.fresh(), Lesson.Kind.FRESH);
        learned.addAll(choices(lessons, parent, choices.fresh(), answers, progress));
        List<Part> replayed = likely(pools.earlier(), Lesson.Kind.REPLAYED);
        if (plan.joint() || plan.replay().share() > 0) {
            List<Part> again = choices(lessons, bare, choices.replayed(), answers, progress);
            if (plan.joint()) {
                learned.addAll(again);
            } else {
                replayed = Interleaving.evenly(replayed, again);
            }
        }
        return new Parts(
                lessons,
                learned,
                replayed,
                likely(pools.general(), Lesson.Kind.ANCHORED),
                likely(pools.neighbours(), Lesson.Kind.ANCHORED));
    }

    private static List<Part> likely(List<Item> items, Lesson.Kind kind) {
        List<Part> parts = new ArrayList<>();
        items.forEach(item -> parts.add(new Part(item.id(), new Lesson.Likely(item.sequence(), kind))));
        return parts;
    }

    private static List<Part> choices(
            PreferenceLessons lessons,
            Adapter relativeTo,
            List<Chosen> choices,
            List<Sequence> answers,
            Consumer<TuningProgress> progress) {
        List<Lesson> made =
                lessons.of(relativeTo, choices.stream().map(Chosen::choice).toList(), answers, progress);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            parts.add(new Part(choices.get(i).id(), made.get(i)));
        }
        return parts;
    }

    /** A sequence of each, of which the tokens before the first learned one are what is asked. */
    static List<Sequence> asked(Choices choices) {
        return Stream.concat(choices.fresh().stream(), choices.replayed().stream())
                .map(Chosen::choice)
                .map(choice -> choice instanceof Pair pair ? pair.chosen() : ((Judgement) choice).sequence())
                .toList();
    }

    /** The answers that are to be given, and where there are none but unwanted ones, those. */
    static List<Sequence> answers(Choices choices) {
        List<Chosen> all = Stream.concat(choices.fresh().stream(), choices.replayed().stream())
                .toList();
        List<Sequence> wanted = new ArrayList<>();
        List<Sequence> unwanted = new ArrayList<>();
        for (Chosen each : all) {
            if (each.choice() instanceof Pair pair) {
                wanted.add(pair.chosen());
            } else if (each.choice() instanceof Judgement judgement) {
                (judgement.desirable() ? wanted : unwanted).add(judgement.sequence());
            } else {
                throw new AssertionError(each);
            }
        }
        return wanted.isEmpty() ? unwanted : wanted;
    }
}
