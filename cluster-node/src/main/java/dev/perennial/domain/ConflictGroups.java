package dev.perennial.domain;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.UpdateId;
import dev.perennial.protocols.UpdateKind;
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
 * @param fixes those of them that are urgent; no empty sets
 * @param holders the update of each group that runs
 */
record ConflictGroups(
        TreePMap<String, TreePSet<UpdateId>> waiting,
        TreePMap<String, TreePSet<UpdateId>> fixes,
        TreePMap<String, UpdateId> holders) {
    static final ConflictGroups NONE = new ConflictGroups(TreePMap.empty(), TreePMap.empty(), TreePMap.empty());

    private static final TreePSet<UpdateId> NOTHING = TreePSet.empty(SchedulerState.ORDER);

    ConflictGroups plus(UpdateRequest request) {
        return new ConflictGroups(
                plus(waiting, request), request.kind() == UpdateKind.FIX ? plus(fixes, request) : fixes, holders);
    }

    private static TreePMap<String, TreePSet<UpdateId>> plus(
            TreePMap<String, TreePSet<UpdateId>> known, UpdateRequest request) {
        TreePMap<String, TreePSet<UpdateId>> next = known;
        for (String group : request.conflictGroups()) {
            next = next.plus(group, next.getOrDefault(group, NOTHING).plus(request.id()));
        }
        return next;
    }

    ConflictGroups minus(UpdateRequest request) {
        return new ConflictGroups(
                minus(waiting, request), request.kind() == UpdateKind.FIX ? minus(fixes, request) : fixes, holders);
    }

    private static TreePMap<String, TreePSet<UpdateId>> minus(
            TreePMap<String, TreePSet<UpdateId>> known, UpdateRequest request) {
        TreePMap<String, TreePSet<UpdateId>> next = known;
        for (String group : request.conflictGroups()) {
            TreePSet<UpdateId> rest = next.getOrDefault(group, NOTHING).minus(request.id());
            next = rest.isEmpty() ? next.minus(group) : next.plus(group, rest);
        }
        return next;
    }

    ConflictGroups hold(UpdateRequest request) {
        TreePMap<String, UpdateId> next = holders;
        for (String group : request.conflictGroups()) {
            next = next.plus(group, request.id());
        }
        return new ConflictGroups(waiting, fixes, next);
    }

    ConflictGroups release(UpdateRequest request) {
        TreePMap<String, UpdateId> next = holders;
        for (String group : request.conflictGroups()) {
            if (request.id().equals(next.get(group))) {
                next = next.minus(group);
            }
        }
        return new ConflictGroups(waiting, fixes, next);
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

    /** Whether a group of the update has a fix. */
    boolean hasFix(UpdateRequest request) {
        for (String group : request.conflictGroups()) {
            if (fixes.containsKey(group)) {
                return true;
            }
        }
        return false;
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
