package dev.perennial.domain;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainSnapshot;
import dev.perennial.protocols.DomainSnapshot.Version;
import dev.perennial.protocols.LearningMethod;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.pcollections.PVector;
import org.pcollections.TreePSet;
import org.pcollections.TreePVector;

/**
 * All versions of a domain, accepted and rejected.
 *
 * @param live number of the version that answers; 0 is the bare base
 * @param versions number N is at index N - 1
 * @param rollbacks the callers' ids of the rollbacks done
 */
record Lineage(int live, PVector<Version> versions, TreePSet<String> rollbacks) {
    static final Lineage EMPTY = new Lineage(0, TreePVector.empty(), TreePSet.empty());

    static Lineage of(DomainSnapshot snapshot) {
        return new Lineage(snapshot.live(), TreePVector.from(snapshot.versions()), TreePSet.from(snapshot.rollbacks()));
    }

    /** @param number 1 or more; 0 has no version record */
    Optional<Version> find(int number) {
        return number >= 1 && number <= versions.size() ? Optional.of(versions.get(number - 1)) : Optional.empty();
    }

    Optional<String> artifact(int number) {
        return find(number).map(Version::artifact);
    }

    /**
     * What matters to a version: its own Fisher, or where its update left none, that of its nearest ancestor with one. Empty
     * where a fresh adapter was begun since, to whose parameters an earlier Fisher says nothing.
     */
    Optional<String> fisher(int number) {
        Optional<Version> version = find(number);
        while (version.isPresent() && version.get().fisher().isEmpty()) {
            version = isBegunAfresh(version.get())
                    ? Optional.empty()
                    : find(version.get().parent().number());
        }
        return version.flatMap(Version::fisher);
    }

    private static boolean isBegunAfresh(Version version) {
        String method = version.manifest().method();
        return method.startsWith(LearningMethod.Start.BASE.toString())
                || method.startsWith(LearningMethod.Start.JOINT.toString());
    }

    /** A version is not accepted until it is promoted. */
    Lineage trained(DomainEvent.CandidateTrained event) {
        Version version = new Version(
                event.version(),
                event.parent(),
                event.update(),
                event.artifact(),
                event.manifest(),
                Optional.empty(),
                Optional.empty(),
                false,
                event.fisher(),
                event.at());
        return new Lineage(live, versions.plus(version), rollbacks);
    }

    Lineage evaluated(DomainEvent.CandidateEvaluated event) {
        return changed(
                event.version().number(),
                old -> new Version(
                        old.id(),
                        old.parent(),
                        old.update(),
                        old.artifact(),
                        old.manifest(),
                        Optional.of(event.evaluation()),
                        Optional.of(event.report()),
                        old.accepted(),
                        old.fisher(),
                        old.createdAt()));
    }

    Lineage promoted(int number) {
        Lineage accepted = changed(
                number,
                old -> new Version(
                        old.id(),
                        old.parent(),
                        old.update(),
                        old.artifact(),
                        old.manifest(),
                        old.evaluation(),
                        old.gate(),
                        true,
                        old.fisher(),
                        old.createdAt()));
        return new Lineage(number, accepted.versions, rollbacks);
    }

    Lineage rolledBack(DomainEvent.VersionRolledBack event) {
        return new Lineage(event.to().number(), versions, rollbacks.plus(event.key()));
    }

    private Lineage changed(int number, UnaryOperator<Version> change) {
        return new Lineage(live, versions.with(number - 1, change.apply(versions.get(number - 1))), rollbacks);
    }
}
