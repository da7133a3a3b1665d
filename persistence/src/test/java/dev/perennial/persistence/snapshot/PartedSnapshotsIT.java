package dev.perennial.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.uuid.Uuids;
import dev.perennial.persistence.Await;
import dev.perennial.persistence.CassandraSettings;
import dev.perennial.persistence.Schema;
import dev.perennial.persistence.SharedCassandra;
import dev.perennial.persistence.SharedCassandra.Server;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(SharedCassandra.class)
class PartedSnapshotsIT {
    private static final int PART = 1 << 10;

    private final Server server;
    private final Logger log = (Logger) LoggerFactory.getLogger(PartedSnapshots.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    private final SnapshotTables tables;
    private final PartedSnapshots snapshots;
    private String entity;

    PartedSnapshotsIT(Server server) throws Exception {
        this.server = server;
        this.tables = Await.result(
                SnapshotTables.open(server.session(), server.settings().keyspace()));
        this.snapshots = new PartedSnapshots(tables, PART, ForkJoinPool.commonPool());
    }

    @BeforeEach
    void begin(TestInfo test) {
        entity = test.getDisplayName();
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void end() {
        log.detachAppender(logged);
    }

    @Test
    void keepsASnapshotThatIsLargerThanAMutation() throws Exception {
        byte[] bytes = new byte[40 << 20];
        new Random(1).nextBytes(bytes);
        PartedSnapshots usual = new PartedSnapshots(tables, 512 << 10, ForkJoinPool.commonPool());
        long begin = System.nanoTime();
        Await.result(usual.save(metadata(7), Uuids.timeBased(), new SerializedSnapshot(4711, "form", bytes)));
        long saved = System.nanoTime();
        SelectedSnapshot loaded = Await.result(
                        usual.load(entity, SnapshotSelectionCriteria.latest(), snapshot -> snapshot))
                .orElseThrow();
        System.out.println("40 MiB: saved in " + TimeUnit.NANOSECONDS.toMillis(saved - begin) + " ms, loaded in "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - saved) + " ms");

        assertEquals(metadata(7), loaded.metadata());
        SerializedSnapshot snapshot = assertInstanceOf(SerializedSnapshot.class, loaded.snapshot());
        assertEquals(4711, snapshot.serializerId());
        assertEquals("form", snapshot.manifest());
        assertArrayEquals(bytes, snapshot.bytes());
        Await.result(usual.delete(entity, 7));
        assertNoRows();
    }

    @Test
    void loadsTheLastSnapshotThatIsComplete() throws Exception {
        assertLoaded(null);
        save(10, "ten");
        save(20, "twenty");
        assertLoaded("twenty");
        begin(30, "thirty", 1);
        assertLoaded("twenty");
        assertEquals(List.of(), warnings());
    }

    @Test
    void keepsAnEmptySnapshot() throws Exception {
        save(10, "");
        assertLoaded("");
    }

    @Test
    void heedsTheCriteria() throws Exception {
        save(10, "ten");
        save(20, "twenty");
        save(30, "thirty");
        assertLoaded("twenty", criteria(29, Long.MAX_VALUE, 0, 0));
        assertLoaded("twenty", criteria(20, Long.MAX_VALUE, 20, 0));
        assertLoaded(null, criteria(29, Long.MAX_VALUE, 21, 0));
        assertLoaded("ten", criteria(Long.MAX_VALUE, timestamp(20) - 1, 0, 0));
        assertLoaded("twenty", criteria(Long.MAX_VALUE, timestamp(20), 0, timestamp(20)));
        assertLoaded(null, criteria(29, Long.MAX_VALUE, 0, timestamp(20) + 1));

        Await.result(snapshots.delete(entity, criteria(20, timestamp(20) - 1, 0, 0), 0));
        assertEquals(List.of(30L, 20L), saved());
        Await.result(snapshots.delete(entity, criteria(19, Long.MAX_VALUE, 0, 0), 0));
        assertEquals(List.of(30L, 20L), saved());
        Await.result(snapshots.delete(entity, criteria(29, Long.MAX_VALUE, 21, timestamp(21)), 0));
        assertEquals(List.of(30L), saved(), "lower bounds keep nothing");
    }

    @Test
    void takesAnOlderOneWhereAPartIsMissing() throws Exception {
        save(10, "ten");
        UUID save = save(20, "x".repeat(3 * PART));
        execute("DELETE FROM perennial.snapshot_parts %s AND part = 1", 20, save);
        assertLoaded("ten");
        assertWarned(20, "of 3 parts these are missing: [1]");
    }

    @Test
    void takesAnOlderOneWhereAPartIsDamaged() throws Exception {
        save(10, "ten");
        UUID save = save(20, "x".repeat(PART + 1));
        execute("UPDATE perennial.snapshot_parts SET data = 0x77 %s AND part = 1", 20, save);
        assertLoaded("ten");
        assertWarned(20, "checksum");
    }

    @Test
    void takesAnOlderOneWhereItCannotBeDeserialized() throws Exception {
        save(10, "ten");
        save(20, "twenty");
        Function<SerializedSnapshot, Object> onlyTen = snapshot -> {
            if (!text(snapshot).equals("ten")) {
                throw new UnreadableSnapshotException(new IllegalStateException("of an older form"));
            }
            return "ten";
        };
        assertEquals(
                Optional.of("ten"),
                Await.result(snapshots.load(entity, SnapshotSelectionCriteria.latest(), onlyTen))
                        .map(SelectedSnapshot::snapshot));
        assertWarned(20, "of an older form");
    }

    @Test
    void takesNoneWhereNoneCanBeRead() throws Exception {
        UUID save = save(10, "ten");
        execute("DELETE FROM perennial.snapshot_parts %s AND part = 0", 10, save);
        // What would be left if half of a header came back.
        execute("UPDATE perennial.snapshots SET complete = true %s", 20, Uuids.timeBased());
        assertEquals(
                Optional.empty(), Await.result(snapshots.load(entity, SnapshotSelectionCriteria.latest(), snapshot -> {
                    throw new UnreadableSnapshotException("no serializer");
                })));
        assertEquals(2, warnings().size());
    }

    @Test
    void failsWhereTheDatabaseDoes() throws Exception {
        CassandraSettings settings = new CassandraSettings(
                server.settings().contactPoints(),
                server.settings().localDatacenter(),
                "failing",
                1,
                Duration.ofSeconds(10));
        Await.result(Schema.create(server.session(), settings));
        PartedSnapshots failing = new PartedSnapshots(
                Await.result(SnapshotTables.open(server.session(), "failing")), PART, ForkJoinPool.commonPool());
        Await.result(failing.save(metadata(10), Uuids.timeBased(), new SerializedSnapshot(1, "", new byte[1])));
        server.session().execute("DROP TABLE failing.snapshot_parts");
        Throwable cause = assertThrows(
                        ExecutionException.class,
                        () -> Await.result(
                                failing.load(entity, SnapshotSelectionCriteria.latest(), PartedSnapshotsIT::text)))
                .getCause();
        assertInstanceOf(DriverException.class, cause);
        assertEquals(List.of(), warnings());
    }

    @Test
    void deletesAllSavesAtASequenceNumber() throws Exception {
        save(10, "ten");
        save(20, "x".repeat(2 * PART));
        save(20, "y".repeat(3 * PART));
        begin(20, "zzzz", 2);
        Await.result(snapshots.delete(entity, 20));
        assertEquals(List.of(10L), saved());
        Await.result(snapshots.delete(entity, 10));
        assertNoRows();
    }

    @Test
    void deletesIncompleteSavesBelowTheCriteriaToo() throws Exception {
        begin(10, "began", 2);
        save(10, "ten");
        save(20, "x".repeat(2 * PART));
        begin(30, "thirty", 1);
        Await.result(snapshots.delete(entity, criteria(20, Long.MAX_VALUE, 15, timestamp(15)), 0));
        assertEquals(List.of(30L), saved());
        assertLoaded(null);
        Await.result(snapshots.delete(entity, criteria(30, Long.MAX_VALUE, 30, 0), 0));
        Await.result(snapshots.delete(entity, SnapshotSelectionCriteria.latest(), 0));
        assertNoRows();
    }

    @Test
    void keepsTheNewestThatAreWholeWhateverTheCriteria() throws Exception {
        save(10, "ten");
        begin(15, "began", 1);
        save(20, "twenty");
        save(30, "thirty");
        begin(40, "began", 1);
        Await.result(snapshots.delete(entity, SnapshotSelectionCriteria.latest(), 2));
        assertEquals(List.of(30L, 20L), saved());
        Await.result(snapshots.delete(entity, criteria(20, Long.MAX_VALUE, 0, 0), 1));
        assertEquals(List.of(30L), saved());
    }

    /** As Pekko's retention does that keeps two snapshots of 200 events each, where most are left out. */
    @Test
    void leavesNothingBehindWhereSnapshotsAreFarApart() throws Exception {
        for (long sequenceNr = 200; sequenceNr <= 3_800; sequenceNr += 200) {
            if (sequenceNr % 1_200 == 200) {
                save(sequenceNr, "at " + sequenceNr);
            }
            long last = Math.max(0, sequenceNr - 400);
            Await.result(snapshots.delete(entity, criteria(last, Long.MAX_VALUE, Math.max(0, last - 400), 0), 2));
        }
        assertEquals(List.of(3_800L, 2_600L), saved());
    }

    @Test
    void anInterruptedDeletionIsFinishedByALaterOne() throws Exception {
        save(10, "x".repeat(3 * PART));
        SnapshotHeader header = Await.result(tables.headers(entity, 10, 10)).get(0);
        Await.result(tables.abandon(header));
        Await.result(tables.deletePart(header, 0));
        assertLoaded(null);
        assertEquals(List.of(), warnings());
        Await.result(snapshots.delete(entity, criteria(50, Long.MAX_VALUE, 50, 0), 0));
        assertNoRows();
    }

    @Test
    void aSaveThatIsDeletedMeanwhileLeavesNothing() throws Exception {
        SnapshotHeader header = begin(10, "began", 1);
        Await.result(snapshots.delete(entity, 10));
        Await.result(tables.writePart(header, 1, ByteBuffer.wrap(new byte[1])));
        Await.result(tables.complete(header));
        assertNoRows();
    }

    @Test
    void twoWritersAtOneSequenceNumberMixNothing() throws Exception {
        SnapshotHeader first = begin(10, "aaaa", 0);
        SnapshotHeader second = begin(10, "bbbb", 0);
        for (int part = 0; part < 2; part++) {
            Await.result(tables.writePart(second, part, ByteBuffer.wrap(new byte[] {'b', 'b'})));
            Await.result(tables.writePart(first, part, ByteBuffer.wrap(new byte[] {'a', 'a'})));
        }
        Await.result(tables.complete(first));
        assertLoaded("aaaa");
        Await.result(tables.complete(second));
        assertLoaded("bbbb");
        Await.result(snapshots.delete(entity, SnapshotSelectionCriteria.latest(), 0));
        assertNoRows();
    }

    private UUID save(long sequenceNr, String text) throws Exception {
        UUID save = Uuids.timeBased();
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Await.result(snapshots.save(metadata(sequenceNr), save, new SerializedSnapshot(1, "", bytes)));
        return save;
    }

    /** What a save leaves that dies before its last step: a header, and the first of its parts, of two bytes each. */
    private SnapshotHeader begin(long sequenceNr, String text, int written) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        List<ByteBuffer> parts = Parts.split(bytes, 2);
        SnapshotHeader header = new SnapshotHeader(
                entity,
                sequenceNr,
                Uuids.timeBased(),
                timestamp(sequenceNr),
                bytes.length,
                parts.size(),
                Parts.crc32c(bytes),
                1,
                "",
                false);
        Await.result(tables.write(header));
        for (int part = 0; part < written; part++) {
            Await.result(tables.writePart(header, part, parts.get(part)));
        }
        return header;
    }

    private void assertLoaded(@Nullable String text) throws Exception {
        assertLoaded(text, SnapshotSelectionCriteria.latest());
    }

    private void assertLoaded(@Nullable String text, SnapshotSelectionCriteria criteria) throws Exception {
        assertEquals(
                Optional.ofNullable(text),
                Await.result(snapshots.load(entity, criteria, PartedSnapshotsIT::text))
                        .map(SelectedSnapshot::snapshot));
    }

    private void assertWarned(long sequenceNr, String cause) {
        assertEquals(1, warnings().size(), warnings().toString());
        String warning = warnings().get(0);
        assertTrue(warning.contains(entity + " at sequence number " + sequenceNr), warning);
        assertTrue(warning.contains(cause), warning);
    }

    private List<String> warnings() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void assertNoRows() {
        assertEquals(List.of(), saved());
        assertEquals(
                List.of(),
                server.session()
                        .execute(SimpleStatement.newInstance(
                                "SELECT part FROM perennial.snapshot_parts WHERE persistence_id = ? ALLOW FILTERING",
                                entity))
                        .all());
    }

    /** The sequence numbers of all headers, in the order of the table. */
    private List<Long> saved() {
        return server
                .session()
                .execute(SimpleStatement.newInstance(
                        "SELECT sequence_nr FROM perennial.snapshots WHERE persistence_id = ?", entity))
                .all()
                .stream()
                .map(row -> row.getLong("sequence_nr"))
                .toList();
    }

    private void execute(String statement, long sequenceNr, UUID save) {
        server.session()
                .execute(SimpleStatement.newInstance(
                        statement.formatted("WHERE persistence_id = ? AND sequence_nr = ? AND save = ?"),
                        entity,
                        sequenceNr,
                        save));
    }

    private static String text(SerializedSnapshot snapshot) {
        return new String(snapshot.bytes(), StandardCharsets.US_ASCII);
    }

    private SnapshotMetadata metadata(long sequenceNr) {
        return new SnapshotMetadata(entity, sequenceNr, timestamp(sequenceNr));
    }

    private static long timestamp(long sequenceNr) {
        return 1_700_000_000_000L + sequenceNr;
    }

    private static SnapshotSelectionCriteria criteria(
            long lastSequenceNr, long lastTimestamp, long firstSequenceNr, long firstTimestamp) {
        return SnapshotSelectionCriteria.create(lastSequenceNr, lastTimestamp, firstSequenceNr, firstTimestamp);
    }
}
