package dev.perennial.domain;

import dev.perennial.protocols.ConflictView;
import dev.perennial.protocols.DomainSnapshot.Conflict;
import dev.perennial.protocols.DomainSnapshot.Held;
import dev.perennial.protocols.DomainSnapshot.Update;
import dev.perennial.protocols.DomainSnapshot.Version;
import dev.perennial.protocols.DomainView;
import dev.perennial.protocols.Manifest;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import dev.perennial.protocols.UpdateView;
import dev.perennial.protocols.VersionView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A domain's state as the API shows it. */
final class Views {
    private Views() {}

    static DomainView domain(DomainState state) {
        ExampleLedger examples = state.examples();
        return new DomainView(
                state.id(),
                state.description(),
                state.live(),
                new DomainView.Examples(
                        examples.accepted().size(),
                        examples.waiting().size(),
                        examples.replay().size(),
                        examples.retained().size(),
                        examples.deletion().deleted().size(),
                        examples.conflicts().groups().size(),
                        examples.heldBack().examples()),
                state.openRequests().stream().map(UpdateRequest::id).toList(),
                state.policy(),
                state.createdAt());
    }

    static UpdateView update(DomainState state, UpdateId id) {
        return update(state, id, "");
    }

    /** @param remark added to the explanation */
    static UpdateView update(DomainState state, UpdateId id, String remark) {
        Update update = state.updates().get(id);
        UpdateRequest request = update.request();
        Optional<Version> version =
                update.version().flatMap(found -> state.lineage().find(found.number()));
        return new UpdateView(
                id,
                state.id(),
                update.state(),
                request.kind(),
                request.importance(),
                request.deadline(),
                request.method(),
                update.priority(),
                update.explanation()
                        + version.map(found -> setAside(found.manifest())).orElse("")
                        + heldBack(state.examples().heldBack().of(id))
                        + remark,
                update.attempts(),
                Optional.empty(),
                update.version(),
                version.flatMap(Version::evaluation),
                version.flatMap(Version::gate),
                update.reason(),
                update.history(),
                update.checkpoint());
    }

    private static String setAside(Manifest manifest) {
        int conflicts = manifest.examples().getOrDefault("conflicts", 0);
        int outliers = manifest.examples().getOrDefault("outliers", 0);
        return conflicts + outliers == 0
                ? ""
                : "; set aside and not learned: " + conflicts + " examples that contradict each other and " + outliers
                        + " that nothing explains";
    }

    /** What became of the examples of an update that failed, and what to do about it. */
    private static String heldBack(List<Held> groups) {
        int examples =
                groups.stream().mapToInt(group -> group.examples().size()).sum();
        if (examples == 0) {
            return "";
        }
        String alone = "example " + groups.get(0).examples().get(0).example().id()
                + ", with which it failed alone; delete it, or mend what the reason says. An update that is requested while"
                + " nothing else waits tries it again";
        String together =
                "the " + examples + " examples with which it failed; see the reason. An update that is requested"
                        + " while nothing else waits tries them again"
                        + (groups.size() > 1 ? ", half of them at a time, until the one at fault is alone" : "");
        return "; held back, so that the domain learns others meanwhile: " + (examples == 1 ? alone : together);
    }

    static List<VersionView> versions(DomainState state) {
        return state.lineage().versions().stream()
                .map(version -> new VersionView(
                        version.id(),
                        version.parent(),
                        version.update(),
                        version.id().equals(state.live()),
                        version.accepted() ? VersionView.Status.ACCEPTED : VersionView.Status.REJECTED,
                        version.artifact(),
                        version.manifest(),
                        version.gate(),
                        version.fisher(),
                        version.createdAt()))
                .toList();
    }

    static List<ConflictView> conflicts(DomainState state, int most) {
        return state.examples().conflicts().newest(most).stream()
                .map(conflict -> new ConflictView(conflict.update(), ids(conflict), conflict.at()))
                .toList();
    }

    static List<String> ids(Conflict conflict) {
        return conflict.examples().stream().map(each -> each.example().id()).toList();
    }

    static Instant lastChange(Update update) {
        return update.history().get(update.history().size() - 1).at();
    }
}
