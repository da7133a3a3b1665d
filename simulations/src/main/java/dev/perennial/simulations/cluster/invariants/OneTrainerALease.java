package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.SchedulerEvent;
import dev.perennial.protocols.UpdateId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An update is leased to one trainer at a time, and a trainer has one lease; tokens under which an update is begun rise; no
 * token was ever shown with another trainer or another update.
 */
public final class OneTrainerALease implements Invariant {
    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>(leases(Journal.counted(evidence.scheduler())));
        for (DomainId domain : evidence.domains().keySet()) {
            Map<UpdateId, Long> tokens = new HashMap<>();
            evidence.events(domain, DomainEvent.UpdateStarted.class).forEach(started -> {
                Long before = tokens.put(started.update(), started.token());
                if (before != null && started.token() <= before) {
                    breaches.add(started.update() + " was begun under token " + started.token() + " after " + before);
                }
            });
        }
        Map<Long, LeaseSighting> seen = new HashMap<>();
        for (LeaseSighting each : evidence.leases()) {
            LeaseSighting first = seen.putIfAbsent(each.token(), each);
            if (first != null
                    && !(first.trainer().equals(each.trainer())
                            && first.update().equals(each.update()))) {
                breaches.add("token " + each.token() + " was shown with " + first.trainer() + " for " + first.update()
                        + " and with " + each.trainer() + " for " + each.update());
            }
        }
        return breaches;
    }

    private static List<String> leases(List<JournalRow<SchedulerEvent>> journal) {
        List<String> breaches = new ArrayList<>();
        Map<UpdateId, String> holders = new HashMap<>();
        for (JournalRow<SchedulerEvent> row : journal) {
            SchedulerEvent event = row.event();
            if (event instanceof SchedulerEvent.LeaseGranted granted) {
                if (holders.containsValue(granted.trainer())) {
                    breaches.add(granted.trainer() + " got the lease of " + granted.update() + " beside another");
                }
                String holder = holders.put(granted.update(), granted.trainer());
                if (holder != null) {
                    breaches.add(
                            granted.update() + " was leased to " + granted.trainer() + " while " + holder + " had it");
                }
            } else if (event instanceof SchedulerEvent.LeaseEnded ended) {
                holders.remove(ended.update());
            } else if (event instanceof SchedulerEvent.LeaseReturned returned) {
                holders.remove(returned.update());
            } else if (event instanceof SchedulerEvent.LeaseYielded yielded) {
                holders.remove(yielded.update());
            } else if (event instanceof SchedulerEvent.RequestRemoved removed) {
                holders.remove(removed.update());
            }
        }
        return breaches;
    }
}
