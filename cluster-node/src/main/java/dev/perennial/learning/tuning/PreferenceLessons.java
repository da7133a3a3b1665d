package dev.perennial.learning.tuning;

import dev.perennial.learning.Adapter;
import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LoraTraining;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.dataset.EncodedData.Choice;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import dev.perennial.learning.dataset.EncodedData.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Preferences and labelled answers in one step with sequences that are made likely. A batch's loss is
 * (n_l L_l + n_d L_d + n_k L_k) / (n_l + n_d + n_k): the means of cross-entropy, DPO and KTO over its sequences, pairs and
 * labelled answers, each weighed by how many there are.
 */
public final class PreferenceLessons {
    /** How strongly the parent holds where nobody says it; as TRL's trainers have it. */
    public static final double BETA = 0.1;

    private final DirectPreference direct;
    private final KahnemanTversky labelled;

    /** @param beta how strongly the parent holds, above 0 */
    public PreferenceLessons(BaseModel base, double beta) {
        this.direct = new DirectPreference(base, beta);
        this.labelled = new KahnemanTversky(base, beta, 1, 1);
    }

    /**
     * Computes the log-probabilities that choices are relative to, once.
     *
     * @param parent what they are relative to; read only until this returns
     * @param others sequences whose answers may stand for answers to other prompts, beside those of the choices
     * @return lessons in the order of the choices
     */
    public List<Lesson> of(
            Adapter parent, List<? extends Choice> choices, List<Sequence> others, Consumer<TuningProgress> progress) {
        Map<Integer, Pair> pairs = new TreeMap<>();
        Map<Integer, Judgement> judgements = new TreeMap<>();
        for (int i = 0; i < choices.size(); i++) {
            if (choices.get(i) instanceof Pair pair) {
                pairs.put(i, pair);
            } else if (choices.get(i) instanceof Judgement judgement) {
                judgements.put(i, judgement);
            } else {
                throw new AssertionError(choices.get(i));
            }
        }
        Map<Integer, Lesson> lessons = new TreeMap<>();
        put(lessons, pairs, direct.items(parent, List.copyOf(pairs.values()), progress));
        put(lessons, judgements, labelled.items(parent, List.copyOf(judgements.values()), others, progress));
        return List.copyOf(lessons.values());
    }

    private static void put(Map<Integer, Lesson> lessons, Map<Integer, ?> places, List<? extends Lesson> items) {
        int n = 0;
        for (int place : places.keySet()) {
            lessons.put(place, items.get(n++));
        }
    }

    /** @param lessons at least one, of any kinds */
    public TrainingBatch batch(List<Lesson> lessons, String name) {
        List<Sequence> fresh = new ArrayList<>();
        List<Sequence> replayed = new ArrayList<>();
        List<Sequence> anchored = new ArrayList<>();
        List<DirectPreference.Item> pairs = new ArrayList<>();
        List<KahnemanTversky.Item> judged = new ArrayList<>();
        for (Lesson lesson : lessons) {
            if (lesson instanceof Lesson.Likely one) {
                (switch (one.kind()) {
                            case FRESH -> fresh;
                            case REPLAYED -> replayed;
                            case ANCHORED -> anchored;
                        })
                        .add(one.sequence());
            } else if (lesson instanceof DirectPreference.Item pair) {
                pairs.add(pair);
            } else if (lesson instanceof KahnemanTversky.Item item) {
                judged.add(item);
            } else {
                throw new AssertionError(lesson);
            }
        }
        List<TermBatch> terms = new ArrayList<>();
        LikelihoodBatch likely = new LikelihoodBatch(fresh, replayed, anchored, name);
        if (likely.units() > 0) {
            terms.add(likely);
        }
        if (!pairs.isEmpty()) {
            terms.add(direct.batch(pairs, name));
        }
        if (!judged.isEmpty()) {
            terms.add(labelled.batch(judged, name));
        }
        return terms.size() == 1 ? terms.get(0) : new Mixed(terms, name);
    }

    /** At least two terms. */
    private record Mixed(List<TermBatch> terms, String name) implements TrainingBatch {
        @Override
        public Taken learn(LoraTraining training, LoraTraining.Stride stride) {
            double units = terms.stream().mapToInt(TermBatch::units).sum();
            LoraTraining.Step step = training.step(
                    terms.stream()
                            .map(term -> term.term(training, term.units() / units))
                            .toList(),
                    stride);
            Optional<Rewards> rewards = Optional.empty();
            int at = 0;
            for (TermBatch term : terms) {
                List<Double> own = step.logProbabilities().subList(at, at + term.sequences());
                rewards = rewards.isPresent() ? rewards : term.rewards(own);
                at += term.sequences();
            }
            return new Taken(step, rewards);
        }
    }
}
