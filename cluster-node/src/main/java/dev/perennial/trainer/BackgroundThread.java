package dev.perennial.trainer;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread that gives way to the requests and the domains of its machine. On Linux it has {@link #NICE}, as does whatever thread or
 * process it begins: where it competes for a core with work of the usual niceness it gets about a tenth of it, else all. On other systems
 * a thread has no niceness of its own and this one runs as any.
 */
final class BackgroundThread {
    /** As the command {@code nice} gives where no other is named, of 0 to 19. */
    static final int NICE = 10;

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThread.class);

    private BackgroundThread() {}

    static void start(String name, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    giveWay();
                    work.run();
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void giveWay() {
        if (!Platform.isLinux()) {
            return;
        }
        try {
            SystemCalls.INSTANCE.setpriority(SystemCalls.PRIO_PROCESS, SystemCalls.CALLING_THREAD, NICE);
        } catch (LinkageError unusable) {
            LOG.warn(
                    "Updates compete with requests for the processor: their threads' niceness cannot be set", unusable);
        }
    }

    /** The C library's; see setpriority(2), of which Linux takes the calling thread for the calling process. */
    private interface SystemCalls extends Library {
        SystemCalls INSTANCE = Native.load("c", SystemCalls.class);
        int PRIO_PROCESS = 0;
        int CALLING_THREAD = 0;

        int setpriority(int which, int who, int niceness);
    }
}
