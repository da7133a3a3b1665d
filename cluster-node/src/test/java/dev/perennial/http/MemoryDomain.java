package dev.perennial.http;

import dev.perennial.protocols.ConflictView;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import dev.perennial.protocols.Progress;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateState;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionId;
import dev.perennial.protocols.VersionView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A domain that remembers what it was told, and learns nothing. */
final class MemoryDomain {
    static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

    private final DomainId id;
    private @Nullable DomainView view;
    private final Set<String> examples = new HashSet<>();
    private final Set<String> deleted = new HashSet<>();
    private final Map<UpdateId, UpdateView> updates = new LinkedHashMap<>();
    private final Map<String, UpdateId> keys = new LinkedHashMap<>();
    private final List<VersionView> versions = new ArrayList<>();
    private int live;

    MemoryDomain(DomainId id) {
        this.id = id;
    }

    synchronized DomainReply answer(DomainCommand command) {
        try {
            return decide(command);
        } catch (ProblemException e) {
            return new DomainReply.Refused(e.problem());
        }
    }

    synchronized Set<String> exampleIds() {
        return Set.copyOf(examples);
    }

    /** Adds a version, as a finished update would. */
    synchronized void version(int number) {
        versions.add(new VersionView(
                new VersionId(id, number),
                new VersionId(id, number - 1),
                new UpdateId(id, number),
                false,
                VersionView.Status.ACCEPTED,
                "artifact-" + number,
                new Manifest("b", "d", "lora", 1, DomainPolicy.Training.DEFAULT, Map.of("new", 1), 1, 1, 0.5, 1),
                Optional.empty(),
                Optional.empty(),
                CREATED));
        live = number;
    }

    /** Nobody who looks sees any but the last of the states. */
    synchronized void enter(UpdateId update, UpdateState... states) {
        for (UpdateState state : states) {
            updates.computeIfPresent(update, (key, old) -> with(old, state, old.progress()));
        }
    }

    synchronized void progress(UpdateId update, Progress progress) {
        updates.computeIfPresent(update, (key, old) -> old.withProgress(Optional.of(progress)));
    }

    private DomainReply decide(DomainCommand command) {
        if (command instanceof DomainCommand.Create create) {
            if (view != null) {
                throw new ProblemException(Problem.conflict("id", "domain '" + id + "' exists"));
            }
            view = view(create.description(), create.policy());
        }
        DomainView known = view;
        if (known == null) {
            throw new ProblemException(Problem.notFound("id", "there is no domain '" + id + "'"));
        }
        if (command instanceof DomainCommand.AcceptExamples accept) {
            List<String> refused = accept.examples().stream()
                    .map(ExampleRef::id)
                    .filter(deleted::contains)
                    .toList();
            List<String> ids = accept.examples().stream()
                    .map(ExampleRef::id)
                    .filter(each -> !deleted.contains(each) && examples.add(each))
                    .toList();
            return new DomainReply.ExamplesCounted(
                    ids.size(), accept.examples().size() - ids.size() - refused.size(), refused);
        }
        if (command instanceof DomainCommand.ShowConflicts show) {
            ConflictView conflict = new ConflictView(new UpdateId(id, show.limit()), List.of("a", "b"), CREATED);
            return new DomainReply.ConflictsShown(List.of(conflict));
        }
        if (command instanceof DomainCommand.DeleteExamples delete) {
            for (String each : delete.ids()) {
                if (!examples.remove(each) && !deleted.contains(each)) {
                    throw new ProblemException(Problem.notFound("id", "there is no example '" + each + "'"));
                }
                deleted.add(each);
            }
            return new DomainReply.Done();
        }
        if (command instanceof DomainCommand.RequestUpdate request) {
            UpdateId update = keys.computeIfAbsent(request.key(), key -> new UpdateId(id, updates.size() + 1));
            updates.computeIfAbsent(update, key -> queued(key, request));
            return shown(update);
        }
        if (command instanceof DomainCommand.CancelUpdate cancel) {
            shown(cancel.update());
            enter(cancel.update(), UpdateState.CANCELLED);
            return shown(cancel.update());
        }
        if (command instanceof DomainCommand.ShowUpdate show) {
            return shown(show.update());
        }
        if (command instanceof DomainCommand.ShowVersions) {
            return new DomainReply.VersionsShown(versions);
        }
        if (command instanceof DomainCommand.ResolveVersion resolve) {
            int number = known(resolve.number().orElse(live));
            return new DomainReply.Resolved(new VersionId(id, number), Optional.empty());
        }
        if (command instanceof DomainCommand.Rollback rollback) {
            live = known(rollback.to());
            return new DomainReply.Done();
        }
        return new DomainReply.DomainShown(view(known.description(), known.policy()));
    }

    private int known(int number) {
        if (number != 0 && versions.stream().noneMatch(each -> each.id().number() == number)) {
            throw new ProblemException(Problem.notFound("version", "there is no version " + id + "@" + number));
        }
        return number;
    }

    private DomainView view(String description, DomainPolicy policy) {
        return new DomainView(
                id,
                description,
                new VersionId(id, live),
                new DomainView.Examples(examples.size(), examples.size(), 0, 0, deleted.size(), 1, 0),
                List.copyOf(updates.keySet()),
                policy,
                CREATED);
    }

    private DomainReply shown(UpdateId update) {
        UpdateView found = updates.get(update);
        if (found == null) {
            throw new ProblemException(Problem.notFound("id", "there is no update " + update));
        }
        return new DomainReply.UpdateShown(found);
    }

    private UpdateView queued(UpdateId update, DomainCommand.RequestUpdate request) {
        UpdateView empty = new UpdateView(
                update,
                id,
                UpdateState.QUEUED,
                request.kind(),
                request.importance(),
                request.deadline(),
                request.method(),
                request.importance(),
                "importance",
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        return with(empty, UpdateState.QUEUED, Optional.empty());
    }

    private static UpdateView with(UpdateView old, UpdateState state, Optional<Progress> progress) {
        List<UpdateView.Step> history = new ArrayList<>(old.history());
        history.add(new UpdateView.Step(state, CREATED.plusSeconds(history.size())));
        return new UpdateView(
                old.id(),
                old.domain(),
                state,
                old.kind(),
                old.importance(),
                old.deadline(),
                old.method(),
                old.priority(),
                old.explanation(),
                old.attempts(),
                progress,
                old.version(),
                old.metrics(),
                old.gate(),
                state == UpdateState.CANCELLED ? Optional.of("cancelled through the API") : Optional.empty(),
                history);
    }
}
