package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What can be asked of a domain. A command that changes something carries an id, or is about one, by which a repeated
 * command is known and answered as the first one was.
 */
@JsonTypeInfo(
        use = JsonTypeInfo.Id.NAME,
        property = "command",
        visible = true,
        defaultImpl = DomainCommand.Unknown.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = DomainCommand.Create.class, name = "create"),
    @JsonSubTypes.Type(value = DomainCommand.AcceptExamples.class, name = "accept-examples"),
    @JsonSubTypes.Type(value = DomainCommand.DeleteExamples.class, name = "delete-examples"),
    @JsonSubTypes.Type(value = DomainCommand.RequestUpdate.class, name = "request-update"),
    @JsonSubTypes.Type(value = DomainCommand.BeginUpdate.class, name = "begin-update"),
    @JsonSubTypes.Type(value = DomainCommand.TakeCheckpoint.class, name = "take-checkpoint"),
    @JsonSubTypes.Type(value = DomainCommand.SubmitCandidate.class, name = "submit-candidate"),
    @JsonSubTypes.Type(value = DomainCommand.FailUpdate.class, name = "fail-update"),
    @JsonSubTypes.Type(value = DomainCommand.CancelUpdate.class, name = "cancel-update"),
    @JsonSubTypes.Type(value = DomainCommand.Rollback.class, name = "rollback"),
    @JsonSubTypes.Type(value = DomainCommand.ReportProgress.class, name = "report-progress"),
    @JsonSubTypes.Type(value = DomainCommand.ShowDomain.class, name = "show-domain"),
    @JsonSubTypes.Type(value = DomainCommand.ShowConflicts.class, name = "show-conflicts"),
    @JsonSubTypes.Type(value = DomainCommand.ShowUpdate.class, name = "show-update"),
    @JsonSubTypes.Type(value = DomainCommand.ShowVersions.class, name = "show-versions"),
    @JsonSubTypes.Type(value = DomainCommand.ResolveVersion.class, name = "resolve-version")
})
public sealed interface DomainCommand {
    /**
     * What a newer build asks that this one does not know. Refused, so that whoever asked learns of it at once.
     *
     * @param command the name of its kind
     */
    record Unknown(String command) implements DomainCommand {}

    /** Answered by {@link DomainReply.DomainShown}; refused as a conflict where the domain exists. */
    record Create(DomainId domain, String description, DomainPolicy policy) implements DomainCommand {}

    /** Examples whose rows are stored already. Answered by {@link DomainReply.ExamplesCounted}. */
    record AcceptExamples(List<ExampleRef> examples) implements DomainCommand {
        public AcceptExamples {
            examples = List.copyOf(examples);
        }
    }

    /**
     * For good: a deleted example is not taken again. Those that are deleted already are passed over; where one was never
     * accepted, none is deleted.
     */
    record DeleteExamples(List<String> ids) implements DomainCommand {
        public DeleteExamples {
            ids = List.copyOf(ids);
        }
    }

    /** @param key the caller's id for this request; the same key gets the same update */
    record RequestUpdate(
            String key, UpdateKind kind, double importance, Optional<Instant> deadline, Optional<String> method)
            implements DomainCommand {}

    /**
     * A trainer takes up an update under a lease.
     *
     * @param token the lease's fencing token; a smaller one than the latest seen is refused
     */
    record BeginUpdate(UpdateId update, long token) implements DomainCommand {}

    /**
     * A running update can be taken up from this checkpoint, which is stored already. Answered by {@link DomainReply.Done};
     * refused under any token but the latest, and by an update that does not run.
     */
    record TakeCheckpoint(UpdateId update, Checkpoint checkpoint) implements DomainCommand {}

    /** A trained and evaluated candidate; refused under any token but the latest. The gate decides. */
    record SubmitCandidate(UpdateId update, long token, Candidate candidate) implements DomainCommand {}

    /** @param token of the lease that ended, so that a newer attempt is not failed by an older one's end */
    record FailUpdate(UpdateId update, long token, String reason) implements DomainCommand {}

    record CancelUpdate(UpdateId update, String reason) implements DomainCommand {}

    /** @param to number of the version that becomes live; 0 is the bare base */
    record Rollback(String key, int to, String reason) implements DomainCommand {}

    record ReportProgress(UpdateId update, long token, Progress progress) implements DomainCommand {}

    record ShowDomain() implements DomainCommand {}

    /** @param limit how many conflicts at most, the newest first */
    record ShowConflicts(int limit) implements DomainCommand {}

    record ShowUpdate(UpdateId update) implements DomainCommand {}

    record ShowVersions() implements DomainCommand {}

    /**
     * Which weights answer for this domain? Empty asks for the live version.
     *
     * @param uncounted no completion follows by which the domain's traffic grows, or the question is the repetition of one
     */
    record ResolveVersion(
            Optional<Integer> number,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean uncounted) implements DomainCommand {}
}
