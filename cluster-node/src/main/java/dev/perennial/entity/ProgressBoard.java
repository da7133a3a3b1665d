package dev.perennial.entity;

import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far running updates are. It changes every second and is worth nothing afterwards, so it is kept in memory only and laid
 * over the views. Belongs to one entity and is used on its thread only.
 */
final class ProgressBoard {
    private static final String EVALUATING = "evaluating";

    private final Map<UpdateId, Progress> latest = new HashMap<>();

    void report(UpdateId update, Progress progress) {
        latest.put(update, progress);
    }

    void forget(UpdateId update) {
        latest.remove(update);
    }

    DomainReply over(DomainReply reply) {
        if (reply instanceof DomainReply.UpdateShown shown
                && latest.containsKey(shown.update().id())) {
            return new DomainReply.UpdateShown(over(shown.update()));
        }
        return reply;
    }

    private UpdateView over(UpdateView view) {
        Optional<Progress> progress = Optional.ofNullable(latest.get(view.id()));
        boolean evaluating = view.state() == UpdateState.RUNNING
                && progress.map(Progress::phase).filter(EVALUATING::equals).isPresent();
        return (evaluating ? view.withState(UpdateState.EVALUATING) : view).withProgress(progress);
    }
}
