package dev.perennial.simulations.schedule;

/**
 * How much is simulated.
 *
 * @param days of virtual time
 * @param tenants that share the domains, a few having most of them
 */
record Scale(int domains, int gpus, int days, int tenants) {
    static final Scale FULL = new Scale(100_000, 1_000, 30, 50);
    static final Scale QUICK = new Scale(2_000, 20, 10, 10);

    Scale {
        if (domains < 1 || gpus < 1 || days < 1 || tenants < 1) {
            throw new IllegalArgumentException("expected at least 1 domain, GPU, day and tenant; got " + domains + ", "
                    + gpus + ", " + days + " and " + tenants);
        }
    }

    double hours() {
        return days * 24.0;
    }
}
