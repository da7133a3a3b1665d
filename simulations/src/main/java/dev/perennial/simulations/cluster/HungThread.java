package dev.perennial.simulations.cluster;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Threads of another JVM that stand still, by its debugger's port: all whose name contains a text. Native code that such a thread is in
 * goes on to its end; no Java code of it runs any more. Closing lets them go on.
 */
final class HungThread implements AutoCloseable {
    private static final int POLL_MILLIS = 20;

    private final VirtualMachine machine;
    private final List<ThreadReference> threads;

    private HungThread(VirtualMachine machine, List<ThreadReference> threads) {
        this.machine = machine;
        this.threads = threads;
    }

    /** Waits for such threads until the deadline; there may be none by then. */
    static HungThread suspend(int port, String name, Deadline deadline) throws IOException, InterruptedException {
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.transport().name().equals("dt_socket"))
                .findFirst()
                .orElseThrow(() -> new SimulationException("this Java has no debugger; a JDK has"));
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        Objects.requireNonNull(arguments.get("hostname")).setValue(NodeAddress.HOST);
        Objects.requireNonNull(arguments.get("port")).setValue(Integer.toString(port));
        VirtualMachine machine;
        try {
            machine = connector.attach(arguments);
        } catch (IllegalConnectorArgumentsException e) {
            throw new AssertionError(e);
        }
        List<ThreadReference> threads = named(machine, name);
        while (threads.isEmpty() && !deadline.isOver()) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            threads = named(machine, name);
        }
        threads.forEach(ThreadReference::suspend);
        return new HungThread(machine, threads);
    }

    private static List<ThreadReference> named(VirtualMachine machine, String name) {
        return machine.allThreads().stream()
                .filter(each -> each.name().contains(name))
                .toList();
    }

    int count() {
        return threads.size();
    }

    @Override
    public void close() {
        // Detaching lets every suspended thread go on.
        machine.dispose();
    }
}
