package dev.perennial.learning.dataset;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.LearningException;
import dev.perennial.learning.Sequence;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.learning.dataset.EncodedData.Judgement;
import dev.perennial.learning.dataset.EncodedData.Pair;
import dev.perennial.learning.dataset.EncodedData.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Turns rows into tokens for a base model. Prompts have exactly the tokens that serving would ask with, so that what is
 * trained is what is asked; answers end with the token that ends generation. Of a conversation, every answer is
 * learned. Thread-safe.
 *
 * <p>What is longer than the bound is cut at its end, as TRL's {@code truncation_mode="keep_start"}; a document goes on in
 * another sequence instead.
 */
public final class DataEncoder {
    private static final int LONGEST_SHOWN = 100;

    private final SequenceEncoder encoder;
    private final int maxLength;

    /**
     * @param maxLength in tokens, from 2 to the base's context
     * @throws LearningException where it is out of range
     */
    public DataEncoder(BaseModel base, int maxLength) {
        int context = base.shape().context();
        if (maxLength < 2 || maxLength > context) {
            throw new LearningException(
                    "--max-length: expected 2 to the base model's context of " + context + " tokens; got " + maxLength);
        }
        this.encoder = SequenceEncoder.unbounded(base);
        this.maxLength = maxLength;
    }

    /**
     * @param rows at least one, all of one purpose
     * @throws LearningException where the chat template refuses a row, or nothing to learn is left of any
     */
    public EncodedData encode(List<DataRow> rows) {
        return encode(rows, i -> "row " + (i + 1));
    }

    /**
     * @param rows at least one, all of one purpose
     * @param place where a row comes from, by its index, for messages
     * @throws LearningException where the chat template refuses a row, or nothing to learn is left of any
     */
    public EncodedData encode(List<DataRow> rows, IntFunction<String> place) {
        if (rows.stream().map(DataRow::purpose).distinct().count() != 1) {
            throw new LearningException("expected rows of one purpose; got "
                    + rows.stream().map(DataRow::purpose).distinct().toList());
        }
        Units units = new Units();
        for (int i = 0; i < rows.size(); i++) {
            DataRow row = rows.get(i);
            try {
                encode(row, units);
                units.rowEnds();
            } catch (LearningException e) {
                throw new LearningException(
                        place.apply(i) + ": cannot encode " + Fields.shorten(row.toString(), LONGEST_SHOWN) + ": "
                                + e.getMessage(),
                        e);
            }
        }
        return units.finish(rows);
    }

    private void encode(DataRow row, Units units) {
        if (row instanceof DataRow.Text text) {
            units.sequences(pieces(text.text()));
        } else if (row instanceof DataRow.Completion completion) {
            units.sequences(List.of(exchange(completion.exchange())));
        } else if (row instanceof DataRow.Conversation conversation) {
            units.sequences(encoder.everyAnswer(conversation.turns(), maxLength));
        } else if (row instanceof DataRow.Preference preference) {
            units.pair(exchange(preference.chosen()), exchange(preference.rejected()));
        } else if (row instanceof DataRow.Labelled labelled) {
            units.judgement(exchange(labelled.exchange()), labelled.label());
        } else {
            throw new AssertionError(row);
        }
    }

    /** A document; as pieces overlap by the token that is only read, every token but the first is learned once. */
    private List<Sequence> pieces(String text) {
        List<Sequence> pieces = new ArrayList<>();
        for (Sequence whole : encoder.document(text)) {
            int[] ids = whole.ids();
            for (int from = 0; from < ids.length - 1; from += maxLength - 1) {
                int to = Math.min(ids.length, from + maxLength);
                pieces.add(new Sequence(Arrays.copyOfRange(ids, from, to), 1, whole.judged()));
            }
        }
        return pieces;
    }

    private Sequence exchange(Exchange exchange) {
        if (exchange instanceof Exchange.Plain plain) {
            return encoder.completion(plain.prompt(), plain.answer());
        }
        if (exchange instanceof Exchange.Chat chat) {
            return encoder.conversation(chat.turns());
        }
        throw new AssertionError(exchange);
    }

    /** What has been encoded so far, cut to the bound. */
    private final class Units {
        private final List<Sequence> sequences = new ArrayList<>();
        private final List<Pair> pairs = new ArrayList<>();
        private final List<Judgement> judgements = new ArrayList<>();
        private final List<Integer> origins = new ArrayList<>();
        private int row;
        private int cut;
        private int leftOut;
        private int longestPrompt;

        void sequences(List<Sequence> whole) {
            List<Sequence> kept =
                    whole.stream().map(this::cut).flatMap(Optional::stream).toList();
            count(whole, !kept.isEmpty());
            sequences.addAll(kept);
        }

        void pair(Sequence chosen, Sequence rejected) {
            Optional<Sequence> better = cut(chosen);
            Optional<Sequence> worse = cut(rejected);
            // Where all that differs is cut away, there is no choice left.
            boolean kept = better.isPresent()
                    && worse.isPresent()
                    && !Arrays.equals(better.get().ids(), worse.get().ids());
            count(List.of(chosen, rejected), kept);
            if (kept) {
                pairs.add(new Pair(better.orElseThrow(), worse.orElseThrow()));
            }
        }

        void judgement(Sequence whole, boolean desirable) {
            Optional<Sequence> kept = cut(whole);
            count(List.of(whole), kept.isPresent());
            kept.ifPresent(sequence -> judgements.add(new Judgement(sequence, desirable)));
        }

        /** All units since the last row's end are of this row. */
        void rowEnds() {
            int units = sequences.size() + pairs.size() + judgements.size();
            while (origins.size() < units) {
                origins.add(row);
            }
            row++;
        }

        private Optional<Sequence> cut(Sequence whole) {
            if (whole.ids().length <= maxLength) {
                return Optional.of(whole);
            }
            if (whole.learnedFrom() >= maxLength) {
                return Optional.empty();
            }
            // Half an answer is not right or wrong as a whole.
            return Optional.of(
                    new Sequence(Arrays.copyOf(whole.ids(), maxLength), Arrays.copyOf(whole.mask(), maxLength), false));
        }

        private void count(List<Sequence> whole, boolean kept) {
            leftOut += kept ? 0 : 1;
            cut += kept && whole.stream().anyMatch(sequence -> sequence.ids().length > maxLength) ? 1 : 0;
            whole.forEach(sequence -> longestPrompt = Math.max(longestPrompt, sequence.learnedFrom()));
        }

        EncodedData finish(List<DataRow> rows) {
            DataRow.Purpose purpose = rows.get(0).purpose();
            if (leftOut == rows.size()) {
                throw new LearningException("all learned tokens of all " + rows.size()
                        + " rows lie beyond --max-length "
                        + maxLength
                        + (purpose == DataRow.Purpose.PREFERENCE ? ", or all that tells chosen from rejected" : "")
                        + "; longest prompt is " + longestPrompt + " tokens");
            }
            return switch (purpose) {
                case SUPERVISED ->
                    new EncodedData.Sequences(sequences, origins, report(rows.size(), sequences.size(), sequences));
                case PREFERENCE ->
                    new EncodedData.Pairs(
                            pairs,
                            origins,
                            report(
                                    rows.size(),
                                    pairs.size(),
                                    pairs.stream()
                                            .flatMap(pair -> List.of(pair.chosen(), pair.rejected()).stream())
                                            .toList()));
                case JUDGEMENT ->
                    new EncodedData.Judgements(
                            judgements,
                            origins,
                            report(
                                    rows.size(),
                                    judgements.size(),
                                    judgements.stream().map(Judgement::sequence).toList()));
            };
        }

        private Report report(int rows, int units, List<Sequence> all) {
            long tokens =
                    all.stream().mapToLong(sequence -> sequence.ids().length).sum();
            long learned = all.stream().mapToLong(Sequence::learned).sum();
            return new Report(rows, units, cut, leftOut, tokens, learned);
        }
    }
}
