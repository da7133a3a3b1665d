package dev.perennial.simulations.cluster.invariants;

import dev.perennial.protocols.DomainEvent;
import dev.perennial.protocols.SchedulerEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Fencing tokens rise with every lease ever granted, the scheduler's journal has no gap, and what a scheduler granted after
 * another had taken its place was acted on by nobody.
 */
public final class OneSchedulerActs implements Invariant {
    private record Grant(String update, long token) {}

    @Override
    public List<String> breaches(Evidence evidence) {
        List<String> breaches = new ArrayList<>();
        List<JournalRow<SchedulerEvent>> counted = Journal.counted(evidence.scheduler());
        Journal.gaps(counted).forEach(gap -> breaches.add("event " + gap + " of the scheduler is missing"));
        long latest = 0;
        Set<Grant> granted = new HashSet<>();
        for (JournalRow<SchedulerEvent> row : counted) {
            if (row.event() instanceof SchedulerEvent.LeaseGranted grant) {
                if (grant.token() <= latest) {
                    breaches.add("token " + grant.token() + " of " + grant.update() + " was granted after " + latest);
                }
                latest = Math.max(latest, grant.token());
                granted.add(new Grant(grant.update().toString(), grant.token()));
            }
        }
        evidence.domains()
                .keySet()
                .forEach(domain -> evidence.events(domain, DomainEvent.UpdateStarted.class)
                        .map(started -> new Grant(started.update().toString(), started.token()))
                        .filter(started -> !granted.contains(started))
                        .forEach(started -> breaches.add(started.update() + " was begun under token " + started.token()
                                + ", which no scheduler whose events count has granted for it")));
        return breaches;
    }
}
