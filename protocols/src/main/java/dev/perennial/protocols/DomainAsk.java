package dev.perennial.protocols;

import java.util.concurrent.CompletionStage;

/** Reaches the entity of a domain, wherever it runs. */
public interface DomainAsk {
    /** Fails with a {@link java.util.concurrent.TimeoutException} where no reply came. */
    CompletionStage<DomainReply> ask(DomainId domain, DomainCommand command);
}
