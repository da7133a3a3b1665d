package dev.perennial.domain;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateRequest;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Domains that must not be trained at the same time.
 *
 * @param waiting the requests of each group that have not ended; no empty sets
 * @param holders the update of each group that runs
 */
record ConflictGroups(TreePMap<String, TreePSet<UpdateId>> waiting, TreePMap<String, UpdateId> holders) {
    static final ConflictGroups NONE = new ConflictGroups(TreePMap.empty(), TreePMap.empty());

    private static final TreePSet<UpdateId> NOTHING = TreePSet.empty(SchedulerState.ORDER);

    ConflictGroups plus(UpdateRequest request) {
        TreePMap<String, TreePSet<UpdateId>> next = waiting;
        for (String group : request.conflictGroups()) {
            next = next.plus(group, next.getOrDefault(group, NOTHING).plus(request.id()));
        }
        return new ConflictGroups(next, holders);
    }

    ConflictGroups minus(UpdateRequest request) {
        TreePMap<String, TreePSet<UpdateId>> next = waiting;
        for (String group : request.conflictGroups()) {
            TreePSet<UpdateId> rest = next.getOrDefault(group, NOTHING).minus(request.id());
            next = rest.isEmpty() ? next.minus(group) : next.plus(group, rest);
        }
        return new ConflictGroups(next, holders);
    }

    ConflictGroups hold(UpdateRequest request) {
        TreePMap<String, UpdateId> next = holders;
        for (String group : request.conflictGroups()) {
            next = next.plus(group, request.id());
        }
        return new ConflictGroups(waiting, next);
    }

    ConflictGroups release(UpdateRequest request) {
        TreePMap<String, UpdateId> next = holders;
        for (String group : request.conflictGroups()) {
            if (request.id().equals(next.get(group))) {
                next = next.minus(group);
            }
        }
        return new ConflictGroups(waiting, next);
    }

    /** The running update of another domain that keeps the request waiting. */
    Optional<UpdateId> holder(UpdateRequest request) {
        for (String group : request.conflictGroups()) {
            UpdateId holder = holders.get(group);
            if (holder != null && !holder.equals(request.id())) {
                return Optional.of(holder);
            }
        }
        return Optional.empty();
    }

    /** The domains whose requests may have to wait because of this one, or need not any more. */
    Set<DomainId> touched(UpdateRequest request) {
        if (request.conflictGroups().isEmpty()) {
            return Set.of(request.id().domain());
        }
        Set<DomainId> domains = new TreeSet<>(Set.of(request.id().domain()));
        for (String group : request.conflictGroups()) {
            for (UpdateId member : waiting.getOrDefault(group, NOTHING)) {
                domains.add(member.domain());
            }
        }
        return domains;
    }
}
