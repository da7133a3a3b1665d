package dev.perennial.http;

import dev.perennial.intake.Deadline;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.util.ByteString;

/**
 * A body within its bound, of which more is read than is passed on. Pekko closes the connection under a client that is answered
 * while it sends, and the client then sees a broken connection and not the error that tells it why. So what comes after the
 * bound, or after the reader has given up, or what nobody reads is swallowed before the answer: at most as much as
 * {@link #MOST_SWALLOWED}.
 */
final class Lingering extends GraphStage<FlowShape<ByteString, ByteString>> {
    static final long MOST_SWALLOWED = 64L << 20;

    private final Inlet<ByteString> in = Inlet.create("Lingering.in");
    private final Outlet<ByteString> out = Outlet.create("Lingering.out");
    private final FlowShape<ByteString, ByteString> shape = FlowShape.of(in, out);
    private final long most;
    private final boolean announcedTooLarge;

    /**
     * @param most bytes that are passed on
     * @param announcedTooLarge whether the client has said that it will send more, so that nothing is passed on at all
     */
    Lingering(long most, boolean announcedTooLarge) {
        this.most = most;
        this.announcedTooLarge = announcedTooLarge;
    }

    /**
     * Reads a body away that nobody has begun to read. A client that asks whether to send it, or announces more than is swallowed, is
     * answered at once instead.
     *
     * @return completes when it has come, or after the wait; at once where somebody has begun to read it
     */
    static CompletionStage<Done> unread(HttpRequest request, Duration longest, ActorSystem<?> system) {
        HttpEntity body = request.entity();
        boolean left = body.isStrict()
                || request.getHeader("Expect").isPresent()
                || body.getContentLengthOption().orElse(0) > MOST_SWALLOWED;
        return left
                ? CompletableFuture.completedFuture(Done.getInstance())
                : Deadline.ended(
                        longest,
                        body.withSizeLimit(MOST_SWALLOWED).getDataBytes().runWith(Sink.ignore(), system));
    }

    @Override
    public FlowShape<ByteString, ByteString> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes inheritedAttributes) {
        return new Logic();
    }

    private final class Logic extends GraphStageLogic {
        private long passed;
        private long swallowed;
        private boolean tooLarge = announcedTooLarge;
        private boolean givenUp;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    take(grab(in));
                }

                @Override
                public void onUpstreamFinish() {
                    end();
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    pull(in);
                }

                @Override
                public void onDownstreamFinish(Throwable cause) {
                    givenUp = true;
                    if (isClosed(in)) {
                        completeStage();
                    } else if (!hasBeenPulled(in)) {
                        pull(in);
                    }
                }
            });
        }

        private void take(ByteString bytes) {
            tooLarge |= passed + bytes.size() > most;
            if (!tooLarge && !givenUp) {
                passed += bytes.size();
                push(out, bytes);
                return;
            }
            swallowed += bytes.size();
            if (swallowed > MOST_SWALLOWED) {
                end();
            } else {
                pull(in);
            }
        }

        private void end() {
            if (tooLarge && !givenUp) {
                failStage(new ProblemException(Problem.tooLarge(null, "the body is at most " + most + " bytes")));
            } else {
                completeStage();
            }
        }
    }
}
