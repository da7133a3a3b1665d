package dev.perennial.http;

import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.DomainId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;

/** All domains: their entities, and the list of their names, which no single entity knows. */
public interface Domains extends DomainAsk {
    /** Names that were registered; one may be there whose domain was never created. */
    CompletionStage<List<DomainId>> list();

    /** Done before a domain is created, so that none is ever created and not listed. Registering again changes nothing. */
    CompletionStage<Done> register(DomainId domain);
}
