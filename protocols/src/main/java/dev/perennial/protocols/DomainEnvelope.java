package dev.perennial.protocols;

import org.apache.pekko.actor.typed.ActorRef;

/** A command on its way to the domain's entity, with where to send the one reply. */
public record DomainEnvelope(DomainCommand command, ActorRef<DomainReply> replyTo) {}
