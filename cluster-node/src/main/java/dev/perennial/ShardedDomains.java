package dev.perennial;

import dev.perennial.entity.DomainEntity;
import dev.perennial.http.Domains;
import dev.perennial.persistence.DomainRegistry;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;

/** The domains of the cluster: entities through sharding, names through the registry. */
final class ShardedDomains implements Domains {
    private final ActorSystem<?> system;
    private final ClusterSharding sharding;
    private final DomainRegistry registry;
    private final IntSupplier protocol;
    private final Duration timeout;

    /** @param protocol that all nodes speak; a domain may be held by any of them */
    ShardedDomains(ActorSystem<?> system, DomainRegistry registry, IntSupplier protocol, Duration timeout) {
        this.system = system;
        this.sharding = ClusterSharding.get(system);
        this.registry = registry;
        this.protocol = protocol;
        this.timeout = timeout;
    }

    @Override
    public CompletionStage<DomainReply> ask(DomainId domain, DomainCommand command) {
        return RepeatedAsk.of(
                system,
                sharding.entityRefFor(DomainEntity.KEY, domain.value()),
                DomainEntity.known(command, protocol.getAsInt()),
                timeout);
    }

    @Override
    public CompletionStage<List<DomainId>> list() {
        return DatabaseFailures.told(registry.list())
                .thenApply(names -> names.stream().map(DomainId::new).toList());
    }

    @Override
    public CompletionStage<Done> register(DomainId domain) {
        return DatabaseFailures.told(registry.register(domain.value())).thenApply(done -> Done.getInstance());
    }
}
