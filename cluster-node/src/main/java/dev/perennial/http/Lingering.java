package dev.perennial.http;

import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.util.ByteString;

/**
 * A body within its bound, of which more is read than is passed on. A server that answers and closes while the client still
 * sends makes the client's system throw the answer away, so that it sees a broken connection and not the error that tells it
 * why. So what comes after the bound, or after the reader has given up, is swallowed for a while: at most as much as
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
