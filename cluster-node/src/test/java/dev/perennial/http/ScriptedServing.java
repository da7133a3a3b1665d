package dev.perennial.http;

import dev.perennial.intake.ServedCompletion;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ScoredToken;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.protocols.TokenLogprob;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A serving actor that does what the last message says: {@code say A B} answers with the words, {@code refuse}, {@code break}
 * (refuses after a word), {@code hang} (says nothing), {@code stall} (begins and says no more), {@code die}.
 */
final class ScriptedServing {
    private static final Pattern AFTER_SPACE = Pattern.compile("(?<= )");

    final BlockingQueue<String> abandoned = new LinkedBlockingQueue<>();
    final BlockingQueue<ServingCommand.Generate> asked = new LinkedBlockingQueue<>();
    final Map<String, ServedCompletion> served = new ConcurrentHashMap<>();

    Behavior<ServingCommand> behavior() {
        return Behaviors.receive(ServingCommand.class)
                .onMessage(ServingCommand.Abandon.class, abandon -> {
                    abandoned.add(abandon.key());
                    return Behaviors.same();
                })
                .onMessage(ServingCommand.Generate.class, generate -> {
                    asked.add(generate);
                    return play(generate);
                })
                .build();
    }

    private Behavior<ServingCommand> play(ServingCommand.Generate generate) {
        GenerationRequest request = generate.request();
        ActorRef<GenerationPart> to = generate.replyTo();
        String script = request.prompt()
                .orElseGet(() ->
                        request.messages().get(request.messages().size() - 1).content());
        int space = script.indexOf(' ');
        switch (space < 0 ? script : script.substring(0, space)) {
            case "refuse" -> to.tell(new GenerationPart.Refused(Problem.notFound("model", "there is no such version")));
            case "break" -> {
                to.tell(started(generate));
                to.tell(text("one"));
                to.tell(new GenerationPart.Refused(Problem.unavailable("the node is stopping")));
            }
            case "hang" -> {}
            case "stall" -> {
                to.tell(started(generate));
                to.tell(text("one"));
            }
            case "die" -> {
                return Behaviors.stopped();
            }
            default -> answer(generate, script.substring(script.indexOf(' ') + 1));
        }
        return Behaviors.same();
    }

    private void answer(ServingCommand.Generate generate, String answer) {
        GenerationPart.Started started = started(generate);
        GenerationRequest request = generate.request();
        served.put(
                started.completionId(),
                new ServedCompletion(
                        started.completionId(), started.version(), request.messages(), request.prompt(), answer, true));
        generate.replyTo().tell(started);
        List<String> words = AFTER_SPACE.splitAsStream(answer).toList();
        int offset = 0;
        for (String word : words) {
            for (int choice = 0; choice < request.choices(); choice++) {
                generate.replyTo()
                        .tell(new GenerationPart.Text(
                                word,
                                choice,
                                request.logprobs().isEmpty() ? List.of() : List.of(scored(word, offset, request))));
            }
            offset += word.length();
        }
        for (int choice = request.choices() - 1; choice >= 0; choice--) {
            generate.replyTo().tell(new GenerationPart.Finished("stop", words.size(), choice));
        }
    }

    /** A word as one token; beside it comes, if asked for, a special one, and so many bytes that are no character. */
    private static ScoredToken scored(String word, int offset, GenerationRequest request) {
        List<TokenLogprob> alternatives = new ArrayList<>();
        for (int n = 0; n < request.logprobs().orElseThrow(); n++) {
            alternatives.add(
                    n == 0
                            ? new TokenLogprob("<|end|>", Optional.empty(), -0.25)
                            : new TokenLogprob("\\xc3", Optional.of(List.of(0xc3)), Double.NEGATIVE_INFINITY));
        }
        List<Integer> bytes = word.chars().boxed().toList();
        return new ScoredToken(new TokenLogprob(word, Optional.of(bytes), -1.5), offset, alternatives);
    }

    private static GenerationPart text(String text) {
        return new GenerationPart.Text(text, 0, List.of());
    }

    private static GenerationPart.Started started(ServingCommand.Generate generate) {
        String model = generate.request().model();
        Optional<VersionId> version = model.equals("base")
                ? Optional.empty()
                : Optional.of(VersionId.parse(model.contains("@") ? model : model + "@3"));
        return new GenerationPart.Started("cmpl-" + generate.key(), version, Instant.ofEpochSecond(1_700_000_000), 7);
    }
}
