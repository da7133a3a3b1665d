package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.apache.pekko.actor.typed.ActorRef;

/** What a node's serving actor understands. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ServingCommand.Generate.class, name = "generate"),
    @JsonSubTypes.Type(value = ServingCommand.Abandon.class, name = "abandon")
})
public sealed interface ServingCommand {
    /** @param key names the generation to {@link Abandon} */
    record Generate(String key, GenerationRequest request, ActorRef<GenerationPart> replyTo)
            implements ServingCommand {}

    /** Nobody reads the generation any more: stop it. */
    record Abandon(String key) implements ServingCommand {}
}
