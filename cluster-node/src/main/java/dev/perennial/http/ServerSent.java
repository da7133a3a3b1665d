package dev.perennial.http;

import java.util.Optional;
import org.apache.pekko.util.ByteString;

/** Server-sent events as bytes. JSON has no raw line ends, so that data is always one line. */
final class ServerSent {
    static final ByteString HEARTBEAT = ByteString.fromString(": still here\n\n");
    /** How OpenAI ends a stream. */
    static final ByteString DONE = ByteString.fromString("data: [DONE]\n\n");

    private static final ByteString DATA = ByteString.fromString("data: ");
    private static final ByteString END = ByteString.fromString("\n\n");

    private ServerSent() {}

    static ByteString data(Object view) {
        return DATA.concat(Answers.bytes(view)).concat(END);
    }

    static ByteString event(String name, Optional<Integer> id, Object view) {
        String head = id.map(number -> "id: " + number + "\n").orElse("") + "event: " + name + "\n";
        return ByteString.fromString(head).concat(data(view));
    }
}
