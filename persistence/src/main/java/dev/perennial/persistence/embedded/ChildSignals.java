package dev.perennial.persistence.embedded;

/**
 * Signals that a child process leaves to its parent. Ctrl-C reaches every process of the terminal's group, and a service manager
 * ends every process of the service, and a terminal that is closed hangs up on all that it began; only the parent may act on it, for it still needs its children while it shuts down. A
 * child that does this has to end by itself when its parent is gone.
 */
public final class ChildSignals {
    private ChildSignals() {}

    /**
     * Ignores signals from now on; where this JVM does not let it, that is told on standard error and the signals act as
     * usual. By reflection, for the compiler warns of {@code sun.misc} whatever one tells it.
     *
     * @param names such as {@code INT}
     */
    public static void ignore(String... names) {
        for (String name : names) {
            try {
                Class<?> signal = Class.forName("sun.misc.Signal");
                Class<?> handler = Class.forName("sun.misc.SignalHandler");
                signal.getMethod("handle", signal, handler)
                        .invoke(
                                null,
                                signal.getConstructor(String.class).newInstance(name),
                                handler.getField("SIG_IGN").get(null));
            } catch (ReflectiveOperationException | IllegalArgumentException e) {
                System.err.println("cannot ignore SIG" + name + ": " + e);
            }
        }
    }
}
