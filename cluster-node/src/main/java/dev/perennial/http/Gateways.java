package dev.perennial.http;

import dev.perennial.intake.ExampleIntake;
import dev.perennial.intake.FeedbackIntake;
import dev.perennial.protocols.SchedulerCommand;
import org.apache.pekko.actor.typed.ActorRef;

/** Whom the routes speak to. */
public record Gateways(
        Domains domains,
        ActorRef<SchedulerCommand> scheduler,
        ServingNodes serving,
        ExampleIntake examples,
        FeedbackIntake feedback,
        AdapterFiles adapters) {}
