package dev.perennial.http;

import dev.perennial.protocols.ServingCommand;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** Who can write completions at present. Thread-safe. */
public interface ServingNodes {
    /** @return empty where nobody can */
    Optional<Turn> choose(String model);

    /**
     * One completion's claim on a serving actor.
     *
     * @param over to be run once, when the completion has ended whichever way
     */
    record Turn(ActorRef<ServingCommand> actor, Runnable over) {}
}
