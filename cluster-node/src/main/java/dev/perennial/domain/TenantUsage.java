package dev.perennial.domain;

import dev.perennial.protocols.SchedulerSnapshot.TenantUse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.pcollections.TreePMap;

/**
 * GPU seconds by tenant. What was used long ago counts less: instead of letting all decay, what is used now is written down
 * as more, 2^(days since the landmark) times, which leaves shares as they would be.
 *
 * @param landmark when a second counts as one
 * @param total of what all used of late, as every comparison of two requests asks for it
 */
record TenantUsage(Instant landmark, TreePMap<String, TenantUse> tenants, double total) {
    static final TenantUsage EMPTY = new TenantUsage(Instant.EPOCH, TreePMap.empty());

    private static final double SECONDS_A_DAY = 86_400;
    private static final double MOST_DOUBLINGS = 64;

    private TenantUsage(Instant landmark, TreePMap<String, TenantUse> tenants) {
        this(landmark, tenants, total(tenants));
    }

    static TenantUsage of(Instant landmark, List<TenantUse> uses) {
        TreePMap<String, TenantUse> tenants = TreePMap.empty();
        for (TenantUse use : uses) {
            tenants = tenants.plus(use.tenant(), use);
        }
        return new TenantUsage(landmark, tenants);
    }

    /** @param predicted GPU seconds of a lease that begins; 0 where nothing is */
    TenantUsage begin(String tenant, double predicted, Instant at) {
        TenantUse use = find(tenant);
        TenantUse begun = new TenantUse(
                tenant,
                use.day(),
                use.spent(),
                use.running() + predicted,
                use.recent(),
                use.leases() + 1,
                use.unpredicted() + (predicted > 0 ? 0 : 1),
                use.begun() + seconds(at));
        return new TenantUsage(landmark, tenants.plus(tenant, begun), total);
    }

    /** @param predicted as it was when the lease began */
    TenantUsage end(String tenant, double predicted, Instant begun, Instant at) {
        double seconds = Math.max(0, Duration.between(begun, at).toMillis() / 1000.0);
        double doublings = Duration.between(landmark, at).toMillis() / 1000.0 / SECONDS_A_DAY;
        if (doublings > MOST_DOUBLINGS) {
            return rebased(at).end(tenant, predicted, begun, at);
        }
        TenantUse use = find(tenant);
        long day = day(at);
        double today = Math.min(seconds, at.getEpochSecond() - day * SECONDS_A_DAY);
        double spent = (use.day() == day ? use.spent() : 0) + today;
        int leases = Math.max(0, use.leases() - 1);
        TenantUse ended = new TenantUse(
                tenant,
                day,
                spent,
                Math.max(0, use.running() - predicted),
                use.recent() + seconds * Math.pow(2, doublings),
                leases,
                Math.max(0, use.unpredicted() - (predicted > 0 ? 0 : 1)),
                leases == 0 ? 0 : use.begun() - seconds(begun));
        return new TenantUsage(landmark, tenants.plus(tenant, ended));
    }

    private static double seconds(Instant at) {
        return at.toEpochMilli() / 1000.0;
    }

    private TenantUsage rebased(Instant at) {
        double factor = Math.pow(2, -Duration.between(landmark, at).toMillis() / 1000.0 / SECONDS_A_DAY);
        TreePMap<String, TenantUse> next = tenants;
        for (TenantUse use : tenants.values()) {
            next = next.plus(
                    use.tenant(),
                    new TenantUse(
                            use.tenant(),
                            use.day(),
                            use.spent(),
                            use.running(),
                            use.recent() * factor,
                            use.leases(),
                            use.unpredicted(),
                            use.begun()));
        }
        return new TenantUsage(at, next);
    }

    /** What ended today, by UTC, and of what runs what is predicted, or what it has taken today where that is more. */
    double today(String tenant, Instant now) {
        TenantUse use = find(tenant);
        double taken = Math.min(
                use.leases() * seconds(now) - use.begun(), use.leases() * (seconds(now) - day(now) * SECONDS_A_DAY));
        return (use.day() == day(now) ? use.spent() : 0) + Math.max(use.running(), taken);
    }

    /** Whether another update of the tenant may begin: none may beside one of which nothing is predicted, as that may take all that is left. */
    boolean leaves(String tenant, double budget, Instant now) {
        return find(tenant).unpredicted() == 0 && today(tenant, now) < budget;
    }

    /** Of what all tenants used of late; 0 to 1, and 0 for all before the first has used any. */
    double share(String tenant) {
        return total > 0 ? find(tenant).recent() / total : 0;
    }

    /** Added up anew each time, as a sum that is carried along would drift from that of a snapshot. */
    private static double total(TreePMap<String, TenantUse> tenants) {
        double all = 0;
        for (TenantUse use : tenants.values()) {
            all += use.recent();
        }
        return all;
    }

    TenantUse find(String tenant) {
        TenantUse use = tenants.get(tenant);
        return use == null ? new TenantUse(tenant, 0, 0, 0, 0, 0, 0, 0) : use;
    }

    private static long day(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), (long) SECONDS_A_DAY);
    }

    List<TenantUse> toSnapshot() {
        return List.copyOf(tenants.values());
    }
}
