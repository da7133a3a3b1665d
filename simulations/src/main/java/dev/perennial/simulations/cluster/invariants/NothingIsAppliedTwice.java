package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * However often something was sent, it counts once: an example, a request by its key, a rollback by its key, a piece of feedback;
 * and an update ends once, with a version number that no other has.
 */
public final class NothingIsAppliedTwice implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        for (DomainId domain : evidence.domains().keySet()) {
            Set<String> seen = new HashSet<>();
            for (JournalRow<DomainEvent> row : evidence.counted(domain)) {
                for (String each : effects(row.event())) {
                    if (!seen.add(each)) {
                        breaches.add(each + " of " + domain + " is in the journal again at " + row.sequence());
                    }
                }
            }
        }
        evidence.stored().ifPresent(stored -> {
            Set<String> comments = new HashSet<>();
            for (Stored.Feedback each : stored.feedback()) {
                if (!comments.add(each.comment())) {
                    breaches.add("feedback " + each.comment() + " of " + each.domain() + " is stored twice");
                }
            }
        });
        return breaches;
    }

    private static List<String> effects(DomainEvent event) {
        if (event instanceof DomainEvent.DomainCreated) {
            return List.of("the creation");
        } else if (event instanceof DomainEvent.ExamplesAccepted accepted) {
            return accepted.examples().stream()
                    .map(each -> "example " + each.id())
                    .toList();
        } else if (event instanceof DomainEvent.UpdateRequested requested) {
            return List.of(
                    "request " + requested.key(),
                    "update " + requested.request().id());
        } else if (event instanceof DomainEvent.RequestMerged merged) {
            return List.of("request " + merged.key());
        } else if (event instanceof DomainEvent.CandidateTrained trained) {
            return List.of("version " + trained.version(), "the candidate of " + trained.update());
        } else if (event instanceof DomainEvent.VersionPromoted promoted) {
            return List.of("the end of " + promoted.update());
        } else if (event instanceof DomainEvent.CandidateRejected rejected) {
            return List.of("the end of " + rejected.update());
        } else if (event instanceof DomainEvent.UpdateCancelled cancelled) {
            return List.of("the end of " + cancelled.update());
        } else if (event instanceof DomainEvent.UpdateFailed failed) {
            return List.of("the end of " + failed.update());
        } else if (event instanceof DomainEvent.VersionRolledBack rolledBack) {
            return List.of("rollback " + rolledBack.key());
        }
        return List.of();
    }
}
