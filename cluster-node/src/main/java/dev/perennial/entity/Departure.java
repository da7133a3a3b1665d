package dev.perennial.entity;

import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;

/** A node that was told to end, and hands over what it holds; not one that was put out or whose fence has closed. */
public final class Departure {
    private Departure() {}

    public static boolean isUnderWay(ActorSystem<?> system) {
        return CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(CoordinatedShutdown.JvmExitReason$.class::isInstance)
                .isPresent();
    }
}
