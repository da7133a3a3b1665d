package dev.perennial.simulations.cluster;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Looks at the invariants while the run goes on, and tells how it goes. */
final class Observer {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    private final RunContext run;
    private final Inspection inspection;
    private final FaultInjector injector;
    private final Duration duration;
    private final Consumer<String> progress;
    private final Thread thread = new Thread(this::observe, "observer");
    private volatile Findings findings = Findings.NONE;
    private volatile boolean stopped;

    Observer(
            RunContext run,
            Inspection inspection,
            FaultInjector injector,
            Duration duration,
            Consumer<String> progress) {
        this.run = run;
        this.inspection = inspection;
        this.injector = injector;
        this.duration = duration;
        this.progress = progress;
    }

    void start() {
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((observer, cause) -> run.died(observer.getName(), cause));
        thread.start();
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.interrupt();
        thread.join();
    }

    Findings findings() {
        return findings;
    }

    private void observe() {
        try {
            while (!stopped) {
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
                look();
                progress.accept(String.format(
                        Locale.ROOT,
                        "%.0f of %d s, %d faults, %d writes acknowledged, invariants %s",
                        run.seconds(),
                        duration.toSeconds(),
                        injector.episodes().size(),
                        run.ledger().acknowledged(),
                        findings.held() ? "hold" : "BROKEN"));
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** The database may be the one that is killed now; the next look makes up for this one. */
    private void look() {
        try {
            findings = findings.and(inspection.during());
        } catch (RuntimeException unreadable) {
            run.history().event("the journals could not be read: " + unreadable);
        }
    }
}
