package dev.perennial.http;

import static org.apache.pekko.http.javadsl.server.PathMatchers.segment;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/** What can be asked: the bare base, each domain, and each domain's live version by its own name. */
final class ModelRoutes extends AllDirectives {
    private static final Model BASE = Model.of("base", Instant.EPOCH);

    private final DomainGate domains;

    ModelRoutes(DomainGate domains) {
        this.domains = domains;
    }

    Route routes() {
        return concat(
                path(
                        segment("v1").slash("models"),
                        () -> get(() -> completeWithFuture(domains.list()
                                .thenApply(ModelRoutes::models)
                                .thenApply(Answers.Page::of)
                                .thenApply(Answers::ok)))),
                path(
                        segment("v1").slash("models").slash(segment()),
                        id -> get(() ->
                                completeWithFuture(find(ModelName.parse(id)).thenApply(Answers::ok)))));
    }

    private static List<Model> models(List<DomainView> views) {
        List<Model> models = new ArrayList<>();
        models.add(BASE);
        for (DomainView view : views) {
            models.add(Model.of(view.id().value(), view.createdAt()));
            models.add(Model.of(view.liveVersion().toString(), view.createdAt()));
        }
        return models;
    }

    private CompletionStage<Model> find(ModelName name) {
        if (name.domain().isEmpty()) {
            return CompletableFuture.completedFuture(BASE);
        }
        var domain = name.domain().get();
        return domains.show(domain).thenCompose(view -> {
            Model model = Model.of(name.text(), view.createdAt());
            return name.number().isEmpty()
                    ? CompletableFuture.completedFuture(model)
                    : domains.ask(
                                    domain,
                                    new DomainCommand.ResolveVersion(
                                            Optional.of(name.number().getAsInt()), true))
                            .thenApply(resolved -> model);
        });
    }

    /** @param created in seconds since 1970 */
    record Model(String id, String object, long created, String ownedBy) {
        static Model of(String id, Instant created) {
            return new Model(id, "model", created.getEpochSecond(), "perennial");
        }
    }
}
