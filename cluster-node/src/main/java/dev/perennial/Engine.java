package dev.perennial;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.TorchEngine;
import dev.perennial.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The base model of a node that trains or serves, and where it lies. */
record Engine(BaseModel base, Path directory) {
    /** An engine that is opened while other things start; none where no role of the node needs one. */
    static final class Opening {
        private final Optional<CompletableFuture<Engine>> opening;

        Opening(Settings settings) {
            this.opening = settings.cluster().computes()
                    ? Optional.of(CompletableFuture.supplyAsync(() -> open(settings)))
                    : Optional.empty();
        }

        /** Waits for it. */
        Optional<Engine> await() {
            try {
                return opening.map(CompletableFuture::join);
            } catch (CompletionException e) {
                if (e.getCause() instanceof RuntimeException known) {
                    throw known;
                }
                throw new StartException(
                        String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
            }
        }
    }

    private static Engine open(Settings settings) {
        TorchEngine.load(settings.engine().threads());
        Path directory = settings.base().orElseGet(() -> EmbeddedBase.extract(settings.data()));
        return new Engine(
                BaseModel.open(directory, TorchEngine.device(settings.engine().device())), directory);
    }
}
