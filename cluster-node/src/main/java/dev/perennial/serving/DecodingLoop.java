package dev.perennial.serving;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Decoder;
import dev.perennial.learning.LearningException;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Writes completions together, in the rows of one decoder, a few tokens a turn. Between turns those that wait are admitted,
 * first come, first served, and those that have ended, or that nobody reads, make room. Each turn puts the next one at the end
 * of the thread's queue, so that other work on it gets its turn too; with nothing to write there is none.
 *
 * <p>What a completion itself does wrong ends that completion alone. Whatever else a decoder throws leaves it in a state that
 * nobody knows, so its rows end with it, and the next ones get a new decoder.
 *
 * <p>Its state belongs to the inference thread; its methods may be called from any.
 */
final class DecodingLoop {
    /** Long enough that a call costs little beside its tokens, short enough to stream by. */
    private static final int TOKENS_A_TURN = 8;

    private final BaseModel base;
    private final int capacity;
    private final Executor thread;
    private final Consumer<Throwable> failures;

    private final Queue<Completion> line = new ArrayDeque<>();
    private final List<Seat> seats = new ArrayList<>();
    private Optional<Decoder> decoder = Optional.empty();
    private boolean awake;
    private boolean stopped;

    private record Seat(Completion completion, Decoder.Row row) {}

    /**
     * @param capacity most completions written together
     * @param thread runs one task at a time
     * @param failures hears why a decoder was given up
     */
    DecodingLoop(BaseModel base, int capacity, Executor thread, Consumer<Throwable> failures) {
        this.base = base;
        this.capacity = capacity;
        this.thread = thread;
        this.failures = failures;
    }

    /** Puts a completion at the end of the line. */
    void add(Completion completion) {
        thread.execute(() -> {
            if (stopped) {
                completion.fail(stopping());
                return;
            }
            line.add(completion);
            if (!awake) {
                awake = true;
                thread.execute(this::turn);
            }
        });
    }

    /** Ends all completions, and any that come later. */
    void stop() {
        thread.execute(() -> {
            stopped = true;
            discard().forEach(completion -> completion.fail(stopping()));
            line.forEach(completion -> completion.fail(stopping()));
            line.clear();
        });
    }

    private void turn() {
        try {
            write();
        } catch (RuntimeException | Error failure) {
            discard().forEach(completion -> completion.fail(broken()));
            failures.accept(failure);
        }
        awake = !line.isEmpty() || !seats.isEmpty();
        if (awake) {
            thread.execute(this::turn);
        }
    }

    private void write() {
        line.removeIf(completion -> {
            boolean abandoned = completion.abandoned();
            if (abandoned) {
                completion.end(false);
            }
            return abandoned;
        });
        for (Seat seat : List.copyOf(seats)) {
            if (seat.completion().abandoned()) {
                leave(seat, completion -> completion.end(false));
            }
        }
        while (seats.size() < capacity && !line.isEmpty()) {
            admit(line.remove());
        }
        if (!seats.isEmpty()) {
            decoder().advance(TOKENS_A_TURN);
            for (Seat seat : List.copyOf(seats)) {
                tell(seat);
            }
        }
    }

    private void admit(Completion completion) {
        Seat seat;
        try {
            seat = new Seat(completion, completion.admit(decoder()));
        } catch (LearningException refused) {
            completion.fail(refused);
            return;
        } catch (RuntimeException | Error failure) {
            completion.fail(broken());
            throw failure;
        }
        seats.add(seat);
        try {
            completion.begin();
        } catch (RuntimeException failure) {
            leave(seat, each -> each.fail(failure));
        }
    }

    private void tell(Seat seat) {
        boolean more;
        try {
            more = seat.completion().tell(seat.row());
        } catch (RuntimeException failure) {
            leave(seat, completion -> completion.fail(failure));
            return;
        }
        if (!more) {
            leave(seat, completion -> completion.end(true));
        }
    }

    private void leave(Seat seat, Consumer<Completion> end) {
        seats.remove(seat);
        try {
            seat.row().close();
        } finally {
            end.accept(seat.completion());
        }
    }

    private Decoder decoder() {
        if (decoder.isEmpty()) {
            decoder = Optional.of(new Decoder(base, capacity));
        }
        return decoder.get();
    }

    /** Closes the decoder, rows and all; answers those that were in it, whose adapters it needs no more. */
    private List<Completion> discard() {
        List<Completion> lost = seats.stream().map(Seat::completion).toList();
        seats.clear();
        Optional<Decoder> old = decoder;
        decoder = Optional.empty();
        try {
            old.ifPresent(Decoder::close);
        } catch (RuntimeException failure) {
            failures.accept(failure);
        }
        return lost;
    }

    private static ProblemException broken() {
        return new ProblemException(Problem.internal(
                "the decoder failed while it wrote this completion; others are written by a new one, so try again"));
    }

    private static ProblemException stopping() {
        return new ProblemException(Problem.unavailable("the node is stopping"));
    }
}
