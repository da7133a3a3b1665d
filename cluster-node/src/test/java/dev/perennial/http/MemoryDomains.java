package dev.perennial.http;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainReply;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.pekko.Done;

/** Domains of one process. The name {@code silent} never answers and {@code broken} fails in ways that nobody foresaw. */
final class MemoryDomains implements Domains {
    private final Map<DomainId, MemoryDomain> domains = new ConcurrentHashMap<>();
    private final Set<DomainId> names = new ConcurrentSkipListSet<>();

    MemoryDomain domain(String id) {
        return domains.computeIfAbsent(new DomainId(id), MemoryDomain::new);
    }

    @Override
    public CompletionStage<DomainReply> ask(DomainId id, DomainCommand command) {
        return switch (id.value()) {
            case "silent" -> new CompletableFuture<>();
            case "broken" -> CompletableFuture.failedFuture(new IllegalStateException("secret detail"));
            default -> CompletableFuture.completedFuture(domain(id.value()).answer(command));
        };
    }

    @Override
    public CompletionStage<List<DomainId>> list() {
        return CompletableFuture.completedFuture(List.copyOf(names));
    }

    @Override
    public CompletionStage<Done> register(DomainId id) {
        names.add(id);
        return CompletableFuture.completedFuture(Done.getInstance());
    }
}
