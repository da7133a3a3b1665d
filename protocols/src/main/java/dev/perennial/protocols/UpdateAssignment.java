package dev.perennial.protocols;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a trainer gets when it begins an update: ids, from which it fetches texts and weights itself.
 *
 * @param parentArtifact the parent's adapter; empty where the parent is the bare base
 * @param parentFisher the Fisher information that the parent's update left, or its nearest ancestor's; empty where there is none
 *     or the method needs none
 * @param train new examples to learn, in the order of their acceptance
 * @param heldOut new examples that judge the update
 * @param replay the domain's replay buffer, or a sample of it where it holds more than 10,000
 * @param retained the domain's retained suite
 * @param checkpoint of an earlier attempt, which is of use where it was of the same data and the same parent
 */
public record UpdateAssignment(
        UpdateId update,
        long token,
        VersionId parent,
        Optional<String> parentArtifact,
        Optional<String> parentFisher,
        List<String> train,
        List<String> heldOut,
        List<String> replay,
        List<String> retained,
        DomainPolicy policy,
        Optional<String> method,
        long seed,
        Optional<Checkpoint> checkpoint) {
    public UpdateAssignment {
        parentFisher = Objects.requireNonNullElse(parentFisher, Optional.empty());
        train = List.copyOf(train);
        heldOut = List.copyOf(heldOut);
        replay = List.copyOf(replay);
        retained = List.copyOf(retained);
        checkpoint = Objects.requireNonNullElse(checkpoint, Optional.empty());
    }
}
