package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;

/** What a domain answers; every command gets exactly one. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "reply")
@JsonSubTypes({
    @JsonSubTypes.Type(value = DomainReply.Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = DomainReply.Done.class, name = "done"),
    @JsonSubTypes.Type(value = DomainReply.DomainShown.class, name = "domain"),
    @JsonSubTypes.Type(value = DomainReply.ExamplesCounted.class, name = "examples"),
    @JsonSubTypes.Type(value = DomainReply.ConflictsShown.class, name = "conflicts"),
    @JsonSubTypes.Type(value = DomainReply.UpdateShown.class, name = "update"),
    @JsonSubTypes.Type(value = DomainReply.Assigned.class, name = "assigned"),
    @JsonSubTypes.Type(value = DomainReply.VersionsShown.class, name = "versions"),
    @JsonSubTypes.Type(value = DomainReply.Resolved.class, name = "resolved")
})
public sealed interface DomainReply {
    record Refused(Problem problem) implements DomainReply {}

    record Done() implements DomainReply {}

    record DomainShown(DomainView domain) implements DomainReply {}

    /** @param deleted ids of those that were deleted once, and are not taken again */
    record ExamplesCounted(int accepted, int duplicates, List<String> deleted) implements DomainReply {
        public ExamplesCounted {
            deleted = List.copyOf(deleted);
        }
    }

    record ConflictsShown(List<ConflictView> conflicts) implements DomainReply {
        public ConflictsShown {
            conflicts = List.copyOf(conflicts);
        }
    }

    record UpdateShown(UpdateView update) implements DomainReply {}

    record Assigned(UpdateAssignment assignment) implements DomainReply {}

    record VersionsShown(List<VersionView> versions) implements DomainReply {
        public VersionsShown {
            versions = List.copyOf(versions);
        }
    }

    /** @param artifact the adapter's archive; empty for the bare base */
    record Resolved(VersionId version, Optional<String> artifact) implements DomainReply {}
}
