package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.Sequence;
import dev.perennial.protocols.UpdateAssignment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * All that a training's steps depend on. A checkpoint is gone on from only where this is the same: not where an example was
 * deleted, another version was made live, or a trainer of another base took over meanwhile.
 */
final class TrainingIdentity {
    private TrainingIdentity() {}

    static Map<String, String> of(BaseModel base, GeneralSuite general, UpdateAssignment assignment) {
        return Map.of(
                "base", base.digest(),
                "general", general(general),
                "parent", assignment.parentArtifact().orElse("none"),
                "fisher", assignment.parentFisher().orElse("none"),
                "method", assignment.method().orElse("of the policy"),
                "policy", assignment.policy().toString(),
                "seed", String.valueOf(assignment.seed()),
                "learned", digest(assignment.train()),
                "judging", digest(assignment.heldOut()),
                "replayed", digest(assignment.replay()));
    }

    /** SHA-256 over the tokens of what can be replayed of the base's suite, hex. */
    static String general(GeneralSuite general) {
        return digest(general.replayed().stream().map(TrainingIdentity::text));
    }

    private static String text(Sequence sequence) {
        return Arrays.toString(sequence.ids());
    }

    private static String digest(List<String> ids) {
        return digest(ids.stream());
    }

    private static String digest(Stream<String> texts) {
        MessageDigest digest = sha256();
        texts.forEach(text -> digest.update((text + "\n").getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
