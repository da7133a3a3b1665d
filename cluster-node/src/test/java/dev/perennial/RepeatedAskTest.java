package dev.perennial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.protocols.DomainCommand;
import dev.perennial.protocols.DomainEnvelope;
import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.DomainPolicy;
import dev.perennial.protocols.DomainReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A domain whose messages get lost: those that the probe does not answer. */
class RepeatedAskTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestProbe<DomainEnvelope> domain = KIT.createTestProbe();

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void isRepeatedUntilItIsAnsweredAndThenNoMore() throws Exception {
        CompletionStage<DomainReply> reply = ask(new DomainCommand.ShowVersions(), PATIENCE);
        assertEquals(new DomainCommand.ShowVersions(), domain.receiveMessage().command());
        DomainEnvelope second = domain.receiveMessage(PATIENCE);
        assertEquals(new DomainCommand.ShowVersions(), second.command());
        second.replyTo().tell(new DomainReply.Done());
        assertEquals(new DomainReply.Done(), reply.toCompletableFuture().get(30, TimeUnit.SECONDS));
        domain.expectNoMessage(RepeatedAsk.FIRST.multipliedBy(3));
    }

    @Test
    void aReplyToTheFirstThatComesAfterTheSecondWasSentCounts() throws Exception {
        CompletionStage<DomainReply> reply = ask(new DomainCommand.ShowVersions(), PATIENCE);
        DomainEnvelope first = domain.receiveMessage();
        domain.receiveMessage(PATIENCE);
        first.replyTo().tell(new DomainReply.Done());
        assertEquals(new DomainReply.Done(), reply.toCompletableFuture().get(30, TimeUnit.SECONDS));
    }

    @Test
    void aCompletionCountsOnce() throws Exception {
        CompletionStage<DomainReply> reply = ask(new DomainCommand.ResolveVersion(Optional.of(3), false), PATIENCE);
        assertEquals(
                new DomainCommand.ResolveVersion(Optional.of(3), false),
                domain.receiveMessage().command());
        DomainEnvelope second = domain.receiveMessage(PATIENCE);
        assertEquals(new DomainCommand.ResolveVersion(Optional.of(3), true), second.command());
        second.replyTo().tell(new DomainReply.Done());
        assertEquals(new DomainReply.Done(), reply.toCompletableFuture().get(30, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @MethodSource("whatIsAskedOnce")
    void isNotRepeatedWhereItCouldDoHarm(DomainCommand command) {
        CompletionStage<DomainReply> reply = ask(command, RepeatedAsk.FIRST.multipliedBy(3));
        domain.receiveMessage();
        domain.expectNoMessage(RepeatedAsk.FIRST.multipliedBy(2));
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> reply.toCompletableFuture().get(30, TimeUnit.SECONDS));
        assertInstanceOf(TimeoutException.class, failure.getCause());
    }

    static List<DomainCommand> whatIsAskedOnce() {
        return List.of(
                new DomainCommand.Create(new DomainId("news"), "", DomainPolicy.DEFAULT),
                new DomainCommand.Rollback("key", 1, "live already, so that no trace of it is kept"),
                new DomainCommand.DeleteExamples(List.of("unknown, until it is accepted in between")));
    }

    private CompletionStage<DomainReply> ask(DomainCommand command, Duration timeout) {
        return RepeatedAsk.of(KIT.system(), domain.ref(), command, timeout);
    }
}
