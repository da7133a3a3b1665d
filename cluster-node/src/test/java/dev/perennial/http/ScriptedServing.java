package dev.perennial.http;

import dev.perennial.intake.ServedCompletion;
import dev.perennial.protocols.GenerationPart;
import dev.perennial.protocols.GenerationRequest;
import dev.perennial.protocols.Problem;
import dev.perennial.protocols.ServingCommand;
import dev.perennial.protocols.VersionId;
import java.time.Instant;
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
                to.tell(new GenerationPart.Text("one"));
                to.tell(new GenerationPart.Refused(Problem.unavailable("the node is stopping")));
            }
            case "hang" -> {}
            case "stall" -> {
                to.tell(started(generate));
                to.tell(new GenerationPart.Text("one"));
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
                        started.completionId(), started.version(), request.messages(), request.prompt(), answer));
        generate.replyTo().tell(started);
        List<String> words = AFTER_SPACE.splitAsStream(answer).toList();
        for (String word : words) {
            generate.replyTo().tell(new GenerationPart.Text(word));
        }
        generate.replyTo().tell(new GenerationPart.Finished("stop", words.size()));
    }

    private static GenerationPart.Started started(ServingCommand.Generate generate) {
        String model = generate.request().model();
        Optional<VersionId> version = model.equals("base")
                ? Optional.empty()
                : Optional.of(VersionId.parse(model.contains("@") ? model : model + "@3"));
        return new GenerationPart.Started("cmpl-" + generate.key(), version, Instant.ofEpochSecond(1_700_000_000), 7);
    }
}
