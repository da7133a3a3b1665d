package dev.perennial.simulations.cluster.invariants;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Feedback that was acknowledged is in the feedback store. Its correction is an example, with an invariant of its own. */
public final class AcknowledgedFeedbackIsKept implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        if (evidence.stored().isPresent()) {
            Set<String> comments = evidence.stored().get().feedback().stream()
                    .map(Stored.Feedback::comment)
                    .collect(Collectors.toSet());
            for (Write write : evidence.book().acknowledged(Write.Kind.FEEDBACK)) {
                if (!comments.contains(write.key())) {
                    breaches.add("feedback " + write.key() + " on " + write.domain()
                            + " was acknowledged and is not in the feedback store");
                }
            }
        }
        return breaches;
    }
}
