package dev.perennial.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.perennial.protocols.Example;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ScoredToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a real model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServingTest {
    private static final int LONG = 300;
    /** So hot that the model hardly ever comes to an end by itself. */
    private static final double HOT = 100;

    private ServingBench bench;

    @BeforeAll
    void start() {
        bench = new ServingBench(4, 64);
    }

    @AfterAll
    void stop() {
        bench.close();
    }

    /** One choice as its parts tell it. */
    private record Written(String text, List<ScoredToken> tokens, GenerationPart.Finished finished) {
        static Written of(List<GenerationPart> parts, int choice) {
            StringBuilder text = new StringBuilder();
            List<ScoredToken> tokens = new ArrayList<>();
            List<GenerationPart.Finished> finished = new ArrayList<>();
            for (GenerationPart part : parts) {
                if (part instanceof GenerationPart.Text more && more.choice() == choice) {
                    assertTrue(finished.isEmpty());
                    text.append(more.text());
                    tokens.addAll(more.tokens());
                } else if (part instanceof GenerationPart.Finished end && end.choice() == choice) {
                    finished.add(end);
                }
            }
            assertEquals(1, finished.size(), parts.toString());
            return new Written(text.toString(), tokens, finished.get(0));
        }

        /** The same, as the first choice. */
        Written alone() {
            return new Written(
                    text, tokens, new GenerationPart.Finished(finished.reason(), finished.completionTokens(), 0));
        }
    }

    private static GenerationRequest request(
            String model, int maxTokens, long seed, List<String> stop, int choices, Optional<Integer> logprobs) {
        return new GenerationRequest(
                model,
                List.of(new Example.Message("user", "Tell me something about " + model + ".")),
                Optional.empty(),
                maxTokens,
                Optional.of(HOT),
                Optional.of(0.95),
                Optional.of(seed),
                stop,
                Optional.of(1000),
                choices,
                logprobs);
    }

    private static GenerationRequest plain(String model, int maxTokens, long seed) {
        return request(model, maxTokens, seed, List.of(), 1, Optional.empty());
    }

    private Written ask(GenerationRequest request) {
        return Written.of(bench.ask(request), 0);
    }

    @Test
    void manyRequestsAtOnceAllFinishAsTheyDoAlone() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            requests.add(plain(List.of("base", "one", "three", "fifteen").get(i % 4), 10 + 9 * (i % 5), i));
        }
        List<Written> alone = requests.stream().map(this::ask).toList();
        List<ServingBench.Sent> sent = requests.stream().map(bench::send).toList();
        assertEquals(alone, sent.stream().map(each -> Written.of(each.all(), 0)).toList());
        assertTrue(alone.stream().map(Written::text).distinct().count() > 10, alone.toString());
    }

    @Test
    void aRequestGivesTheSameBitsWhoeverIsServedBesideIt() {
        GenerationRequest watched = request("watched", 60, 11, List.of(), 1, Optional.of(3));
        Written alone = ask(watched);
        List<ServingBench.Sent> others = new ArrayList<>();
        others.add(bench.send(plain("a-neighbour-of-a-higher-rank", LONG, 1)));
        others.add(bench.send(plain("b", 15, 2)));
        assertInstanceOf(GenerationPart.Started.class, others.get(0).next());
        ServingBench.Sent beside = bench.send(watched);
        others.add(bench.send(request("base", 40, 3, List.of(), 1, Optional.of(20))));
        assertEquals(alone, Written.of(beside.all(), 0));
        assertEquals(alone.finished().completionTokens(), alone.tokens().size());
        others.get(0).abandon();
        others.subList(1, 3).forEach(ServingBench.Sent::all);
    }

    @Test
    void tokensMakeUpTheText() {
        Written written = ask(request("letters", 80, 5, List.of(), 1, Optional.of(2)));
        assertEquals(written.finished().completionTokens(), written.tokens().size());
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (ScoredToken token : written.tokens()) {
            String before = written.text().substring(0, written.text().offsetByCodePoints(0, token.offset()));
            // A token that goes on with a character is where that character is.
            assertTrue(joined.toString(StandardCharsets.UTF_8).startsWith(before), before);
            token.chosen().bytes().orElse(List.of()).forEach(joined::write);
            assertEquals(2, token.alternatives().size());
            assertTrue(token.chosen().logprob() <= 0);
            assertTrue(token.alternatives().get(0).logprob()
                    >= token.alternatives().get(1).logprob());
            assertTrue(token.alternatives().get(0).logprob() >= token.chosen().logprob());
        }
        assertEquals(written.text(), joined.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aStopTextEndsTheTextAndWhatIsToldOfTokens() {
        Written free = ask(request("stops", 60, 3, List.of(), 1, Optional.of(1)));
        assertTrue(free.text().length() > 40, free.text());
        for (int at : new int[] {1, 9, 20, 33}) {
            String stop = free.text().substring(at, at + 4);
            int first = free.text().indexOf(stop);
            Written stopped = ask(request("stops", 60, 3, List.of("never comes", stop), 1, Optional.of(1)));
            assertEquals(free.text().substring(0, first), stopped.text());
            assertEquals("stop", stopped.finished().reason());
            int count = stopped.tokens().size();
            assertEquals(count, stopped.finished().completionTokens());
            assertEquals(free.tokens().subList(0, count), stopped.tokens());
            assertTrue(count == 0 || stopped.tokens().get(count - 1).offset() < first);
            assertTrue(free.tokens().get(count).offset() >= first);
            assertEquals(stopped, ask(request("stops", 60, 3, List.of("never comes", stop), 1, Optional.of(1))));
        }
    }

    @Test
    void eachChoiceIsTheAnswerToTheSeedAfter() {
        List<GenerationPart> parts = bench.ask(request("choices", 40, 100, List.of(), 6, Optional.of(0)));
        assertInstanceOf(GenerationPart.Started.class, parts.get(0));
        assertEquals(
                1,
                parts.stream().filter(GenerationPart.Started.class::isInstance).count());
        List<String> texts = new ArrayList<>();
        for (int choice = 0; choice < 6; choice++) {
            Written written = Written.of(parts, choice).alone();
            assertEquals(ask(request("choices", 40, 100 + choice, List.of(), 1, Optional.of(0))), written);
            texts.add(written.text());
        }
        assertEquals(6, texts.stream().distinct().count(), texts.toString());
        // Choices of which four fit at a time come beside each other.
        GenerationPart.Started started = (GenerationPart.Started) parts.get(0);
        Map<String, String> recorded = new TreeMap<>(bench.recorded);
        for (int choice = 0; choice < 6; choice++) {
            String id = started.completionId() + (choice == 0 ? "" : "-" + choice);
            assertEquals(texts.get(choice), recorded.get(id));
        }
    }

    @Test
    void whatALimitBreaksOffIsRecordedAsBrokenOff() {
        List<GenerationPart> brokenOff = bench.ask(request("end", 12, 100, List.of(), 1, Optional.empty()));
        assertEquals(Optional.of(false), whole(brokenOff));
        String text = Written.of(brokenOff, 0).text();
        String stop = text.substring(text.length() / 2, text.length() / 2 + 1);
        assertEquals(Optional.of(true), whole(bench.ask(request("end", 12, 100, List.of(stop), 1, Optional.empty()))));
    }

    private Optional<Boolean> whole(List<GenerationPart> parts) {
        return Optional.ofNullable(bench.wholes.get(((GenerationPart.Started) parts.get(0)).completionId()));
    }

    @Test
    void choicesComeInterleaved() {
        List<GenerationPart> parts = bench.ask(request("choices", 40, 100, List.of(), 2, Optional.empty()));
        List<Integer> order = parts.stream()
                .filter(GenerationPart.Text.class::isInstance)
                .map(part -> ((GenerationPart.Text) part).choice())
                .toList();
        assertTrue(order.lastIndexOf(0) > order.indexOf(1), order.toString());
        assertTrue(order.lastIndexOf(1) > order.indexOf(0), order.toString());
    }

    @Test
    void withoutASeedChoicesDiffer() {
        GenerationRequest seeded = plain("base", 40, 1);
        GenerationRequest free = new GenerationRequest(
                seeded.model(),
                seeded.messages(),
                Optional.empty(),
                40,
                Optional.of(HOT),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                2,
                Optional.empty());
        List<GenerationPart> parts = bench.ask(free);
        assertNotEquals(Written.of(parts, 0).text(), Written.of(parts, 1).text());
    }

    @Test
    void oneTokenToSampleFromIsTheMostProbable() {
        GenerationRequest sampled = plain("greedy", 30, 1);
        Written greedy = ask(variant(sampled, 0, 1, 0));
        assertEquals(greedy, ask(variant(sampled, HOT, 1, 1)));
        assertEquals(greedy, ask(variant(sampled, HOT, 0, 0)));
        assertNotEquals(greedy, ask(variant(sampled, HOT, 1, 0)));
    }

    @Test
    void whatARequestDoesNotSayOfSamplingTheModelsMakersDo(@TempDir Path directory) throws IOException {
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
            Files.copy(ServingBench.BASE.resolve(name), directory.resolve(name));
        }
        Files.writeString(
                directory.resolve("generation_config.json"),
                "{\"eos_token_id\": 5, \"do_sample\": false, \"temperature\": 100, \"top_p\": 0.95, \"top_k\": 1000}");
        GenerationRequest told = plain("makers", 30, 1);
        GenerationRequest silent = new GenerationRequest(
                told.model(),
                told.messages(),
                Optional.empty(),
                told.maxTokens(),
                Optional.empty(),
                Optional.empty(),
                told.seed(),
                List.of(),
                Optional.empty(),
                1,
                Optional.empty());
        try (ServingBench stated = new ServingBench(directory, 4, 8)) {
            assertEquals(ask(told), Written.of(stated.ask(silent), 0));
        }
        // the embedded base's file states none of it
        assertEquals(ask(variant(told, 1, 1, 0)), ask(silent));
        assertNotEquals(ask(told), ask(silent));
    }

    private static GenerationRequest variant(GenerationRequest like, double temperature, double topP, int topK) {
        return new GenerationRequest(
                like.model(),
                like.messages(),
                Optional.empty(),
                like.maxTokens(),
                Optional.of(temperature),
                Optional.of(topP),
                like.seed(),
                List.of(),
                Optional.of(topK),
                1,
                Optional.empty());
    }

    @Test
    void aPromptThatDoesNotFitIsRefusedAndNobodyElse() {
        ServingBench.Sent neighbour = bench.send(plain("neighbour", 60, 4));
        List<GenerationPart> refused = bench.ask(new GenerationRequest(
                "base",
                List.of(),
                Optional.of("word ".repeat(2000)),
                10,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                3,
                Optional.empty()));
        assertEquals(1, refused.size());
        Problem problem =
                assertInstanceOf(GenerationPart.Refused.class, refused.get(0)).problem();
        assertEquals(Problem.Kind.INVALID, problem.kind());
        assertEquals("prompt", problem.param());
        assertTrue(problem.message().contains("context is 512"), problem.message());
        assertEquals(60, Written.of(neighbour.all(), 0).finished().completionTokens());
    }

    @Test
    void anAbandonedRequestMakesRoomInTheBatchAndInTheBound() {
        try (ServingBench narrow = new ServingBench(1, 2)) {
            ServingBench.Sent first = narrow.send(plain("one", LONG, 1));
            assertInstanceOf(GenerationPart.Started.class, first.next());
            ServingBench.Sent second = narrow.send(plain("two", 10, 2));
            Problem refusal = assertInstanceOf(
                            GenerationPart.Refused.class,
                            narrow.ask(plain("three", 10, 3)).get(0))
                    .problem();
            assertEquals(Problem.Kind.UNAVAILABLE, refusal.kind());
            assertTrue(refusal.message().contains("2 completions already"), refusal.message());
            first.abandon();
            assertEquals(
                    2,
                    second.all().stream()
                            .filter(part -> !(part instanceof GenerationPart.Text))
                            .count());
            assertFalse(narrow.ask(plain("three", 10, 3)).get(0) instanceof GenerationPart.Refused);
        }
    }

    @Test
    void stoppingTheActorRefusesWhatIsBeingWritten() {
        try (ServingBench stopped = new ServingBench(2, 10)) {
            List<ServingBench.Sent> sent = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sent.add(stopped.send(plain("one", LONG, i)));
            }
            assertInstanceOf(GenerationPart.Started.class, sent.get(0).next());
            stopped.stopServing();
            for (ServingBench.Sent each : sent) {
                List<GenerationPart> parts = each.all();
                assertEquals(
                        new GenerationPart.Refused(Problem.unavailable("the node is stopping")),
                        parts.get(parts.size() - 1));
            }
        }
    }
}
