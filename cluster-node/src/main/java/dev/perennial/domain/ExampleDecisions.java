package dev.perennial.domain;

import dev.perennial.protocols.Bounds;
import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainReply;
import dev.perennial.protocols.DomainSnapshot.Attempt;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of a domain's decisions that is about its examples: accept, delete, set aside. */
final class ExampleDecisions {
    /** Those that were deleted count, since their ids are remembered. */
    static final int MOST_EXAMPLES = 1_000_000;

    /** About 1.5 MB as an event, below what the journal and a remote message take. */
    static final int MOST_EXAMPLES_A_COMMAND = 10_000;

    private static final int MOST_CONFLICTS = 1_000;

    private ExampleDecisions() {}

    static Decision accept(DomainState state, DomainCommand.AcceptExamples accept, Instant now) {
        requireBounded(accept.examples().size());
        ExampleLedger ledger = state.examples();
        Map<String, ExampleRef> fresh = new LinkedHashMap<>();
        Set<String> deleted = new LinkedHashSet<>();
        for (ExampleRef example : accept.examples()) {
            if (ledger.deletion().deleted().contains(example.id())) {
                deleted.add(example.id());
            } else if (!ledger.accepted().contains(example.id())) {
                fresh.putIfAbsent(example.id(), example);
            }
        }
        int held = ledger.accepted().size() + ledger.deletion().deleted().size();
        if (held + fresh.size() > MOST_EXAMPLES) {
            throw new ProblemException(Problem.tooLarge(
                    "examples",
                    "a domain holds at most " + MOST_EXAMPLES + " examples; '" + state.id() + "' holds " + held
                            + " and got " + fresh.size() + " new ones"));
        }
        List<DomainEvent> events = new ArrayList<>();
        if (!fresh.isEmpty()) {
            events.add(new DomainEvent.ExamplesAccepted(List.copyOf(fresh.values()), now));
        }
        if (!deleted.isEmpty()) {
            // Their rows were stored before they came here.
            events.add(new DomainEvent.ExamplesDeleted(List.copyOf(deleted), now));
        }
        DomainReply reply = new DomainReply.ExamplesCounted(
                fresh.size(), accept.examples().size() - fresh.size() - deleted.size(), List.copyOf(deleted));
        return Decision.shown(events, after -> reply);
    }

    static Decision delete(DomainState state, DomainCommand.DeleteExamples delete, Instant now) {
        requireBounded(delete.ids().size());
        Set<String> held = new LinkedHashSet<>();
        for (String id : delete.ids()) {
            if (state.examples().accepted().contains(id)) {
                held.add(id);
            } else if (!state.examples().deletion().deleted().contains(id)) {
                throw new ProblemException(Problem.notFound(
                        "id", "domain '" + state.id() + "' has no example '" + Problem.shorten(id) + "'"));
            }
        }
        return held.isEmpty()
                ? Decision.done()
                : Decision.done(new DomainEvent.ExamplesDeleted(List.copyOf(held), now));
    }

    /**
     * The groups of a candidate as far as they are of examples that its update took. A member that was deleted meanwhile counts,
     * since the others were not trained on for its sake; one that the domain does not know makes no contradiction.
     */
    static List<List<String>> setAside(ExampleLedger ledger, Attempt attempt, List<List<String>> conflicts) {
        Set<String> taken = new HashSet<>(Split.ids(ledger.taken(attempt).values()));
        List<List<String>> groups = new ArrayList<>();
        for (List<String> conflict : conflicts) {
            List<String> members =
                    conflict.stream().distinct().filter(taken::contains).toList();
            long deleted = conflict.stream()
                    .distinct()
                    .filter(ledger.deletion().deleted()::contains)
                    .count();
            if (!members.isEmpty() && members.size() + deleted > 1) {
                groups.add(members);
                members.forEach(taken::remove);
            }
        }
        return groups;
    }

    /** Of the examples that an attempt took, those that answer one question differently, a list a question. */
    static List<List<String>> contradictions(ExampleLedger ledger, Attempt attempt) {
        Map<String, List<ExampleRef>> byPrompt = new LinkedHashMap<>();
        for (ExampleRef example : ledger.taken(attempt).values()) {
            example.promptId()
                    .ifPresent(prompt -> byPrompt.computeIfAbsent(prompt, first -> new ArrayList<>())
                            .add(example));
        }
        return byPrompt.values().stream()
                .filter(group -> group.stream().anyMatch(group.get(0)::contradicts))
                .map(Split::ids)
                .toList();
    }

    /** Those that the update was to learn: what judges it is judged by, whatever explains it. */
    static List<String> outliers(
            ExampleLedger ledger, Attempt attempt, List<String> outliers, List<List<String>> conflicts) {
        Set<String> trained = new HashSet<>(Split.ids(ledger.split(attempt).train()));
        conflicts.forEach(trained::removeAll);
        return outliers.stream().filter(trained::remove).toList();
    }

    static Decision conflicts(DomainState state, DomainCommand.ShowConflicts show) {
        int limit = Bounds.integer("limit", show.limit(), 1, MOST_CONFLICTS);
        return Decision.shown(List.of(), after -> new DomainReply.ConflictsShown(Views.conflicts(after, limit)));
    }

    private static void requireBounded(int examples) {
        if (examples > MOST_EXAMPLES_A_COMMAND) {
            throw new ProblemException(Problem.tooLarge(
                    "examples",
                    "one command is about at most " + MOST_EXAMPLES_A_COMMAND + " examples; got " + examples));
        }
    }
}
