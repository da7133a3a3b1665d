package dev.perennial.protocols;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * "Make this domain better", as the domain journals it and the scheduler ranks it.
 *
 * @param importance 0 to 1
 * @param method the training method, or empty for the policy's
 * @param examples how many new examples wait to be learned
 * @param tenant whose GPU time the update uses, by the domain's policy
 * @param conflictGroups no two domains of one group are trained at the same time, by the domain's policy
 * @param memoryBytes that its trainer's device has to have free, by the domain's policy; empty where any will do
 * @param signals what the domain measured of itself
 */
public record UpdateRequest(
        UpdateId id,
        UpdateKind kind,
        double importance,
        Optional<Instant> deadline,
        Optional<String> method,
        int examples,
        Instant requestedAt,
        String tenant,
        List<String> conflictGroups,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Long> memoryBytes,
        UpdateSignals signals) {
    public UpdateRequest {
        // Missing in journals of before there were tenants. Thousands of requests that wait have the same one.
        tenant = Objects.requireNonNullElse(tenant, DomainPolicy.Scheduling.DEFAULT.tenant())
                .intern();
        conflictGroups = List.copyOf(Objects.requireNonNullElse(conflictGroups, List.of()));
        memoryBytes = Objects.requireNonNullElse(memoryBytes, Optional.empty());
        signals = Objects.requireNonNullElse(signals, UpdateSignals.NONE);
    }

    /** That any trainer has memory for. */
    public UpdateRequest(
            UpdateId id,
            UpdateKind kind,
            double importance,
            Optional<Instant> deadline,
            Optional<String> method,
            int examples,
            Instant requestedAt,
            String tenant,
            List<String> conflictGroups,
            UpdateSignals signals) {
        this(
                id,
                kind,
                importance,
                deadline,
                method,
                examples,
                requestedAt,
                tenant,
                conflictGroups,
                Optional.empty(),
                signals);
    }

    /** Of the default tenant, in no conflict group, with nothing measured. */
    public UpdateRequest(
            UpdateId id,
            UpdateKind kind,
            double importance,
            Optional<Instant> deadline,
            Optional<String> method,
            int examples,
            Instant requestedAt) {
        this(
                id,
                kind,
                importance,
                deadline,
                method,
                examples,
                requestedAt,
                DomainPolicy.Scheduling.DEFAULT.tenant(),
                List.of(),
                UpdateSignals.NONE);
    }
}
