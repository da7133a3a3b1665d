package dev.perennial.persistence.embedded;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the server's JVM. */
final class ServerCommand {
    // What Cassandra 5.0.9 reaches into on Java 17 (its own conf/jvm17-server.options).
    private static final List<String> OPENS = List.of(
            "java.base/java.io",
            "java.base/java.lang",
            "java.base/java.lang.module",
            "java.base/java.lang.reflect",
            "java.base/java.nio",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.util.concurrent.atomic",
            "java.base/jdk.internal.loader",
            "java.base/jdk.internal.math",
            "java.base/jdk.internal.module",
            "java.base/jdk.internal.ref",
            "java.base/jdk.internal.reflect",
            "java.base/jdk.internal.util.jar",
            "java.base/sun.nio.ch",
            "jdk.management/com.sun.management.internal");
    private static final List<String> EXPORTS = List.of(
            "java.base/jdk.internal.misc",
            "java.base/jdk.internal.ref",
            "java.base/sun.nio.ch",
            "java.management.rmi/com.sun.jmx.remote.internal.rmi",
            "java.rmi/sun.rmi.registry",
            "java.rmi/sun.rmi.server",
            "java.sql/java.sql",
            "jdk.unsupported/sun.misc");

    private ServerCommand() {}

    static List<String> of(Path java, ServerJars jars, ServerFiles files, Path directory, int heapMegabytes) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(List.of(
                "-Xms" + heapMegabytes + "m",
                "-Xmx" + heapMegabytes + "m",
                "-Xss256k",
                "-XX:+UseSerialGC",
                // C1 only: on few cores C2 competes with the program's own start and training for little gain here.
                "-XX:TieredStopAtLevel=1",
                "-XX:MaxDirectMemorySize=" + heapMegabytes + "m",
                "-XX:+ExitOnOutOfMemoryError",
                // A disk that fills up may take part of a write and report no error. That the whole section was written
                // is
                // only asserted there: without this, the write that did not fit was seen to be acknowledged, and lost.
                "-ea:org.apache.cassandra.db.commitlog...",
                "-javaagent:" + jars.agent(),
                "-Djdk.attach.allowAttachSelf=true"));
        OPENS.forEach(name -> command.add("--add-opens=" + name + "=ALL-UNNAMED"));
        EXPORTS.forEach(name -> command.add("--add-exports=" + name + "=ALL-UNNAMED"));
        command.addAll(List.of(
                "-Dcassandra.config=" + files.yaml().toUri(),
                "-Dcassandra.storagedir=" + directory,
                "-Dcassandra-foreground=yes", // keeps standard output open
                "-Dlogback.configurationFile=" + files.logback(),
                "-Dperennial.cassandra.log=" + files.log(),
                // A lone node has nobody to wait for, and nothing to remember of the ports it had before.
                "-Dcassandra.load_ring_state=false",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0",
                "-Dcassandra.ring_delay_ms=0",
                "-Dcassandra.superuser_setup_delay_ms=0",
                "-Dcassandra.shutdown_announce_in_ms=0",
                // The bytes that Cassandra finds for itself by building 100,000 rows at each start, for about a second.
                "-Dcassandra.memtable.row_overhead_size=180",
                "-cp",
                files.childJar() + File.pathSeparator + jars.folder() + File.separator + "*",
                CassandraChild.class.getName(),
                files.childLock().toString(),
                files.commitLog().toString()));
        return command;
    }
}
