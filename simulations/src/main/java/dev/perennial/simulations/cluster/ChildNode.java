package dev.perennial.simulations.cluster;

import dev.perennial.Main;
import java.io.IOException;

/** The program in a process of its own, which ends with the process that started it: its standard input is the life line. */
public final class ChildNode {
    private ChildNode() {}

    public static void main(String[] arguments) {
        Thread lifeLine = new Thread(ChildNode::haltWithParent, "life-line");
        lifeLine.setDaemon(true);
        lifeLine.start();
        Main.main(arguments);
    }

    private static void haltWithParent() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever written: this waits for the end.
            }
        } catch (IOException broken) {
            System.err.println("the life line broke: " + broken.getMessage());
        }
        Runtime.getRuntime().halt(1);
    }
}
