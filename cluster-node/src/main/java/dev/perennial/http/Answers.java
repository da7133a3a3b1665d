package dev.perennial.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.List;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Views as JSON: snake_case, times as ISO 8601, absent values as null. */
final class Answers {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();
    private static final ContentType EVENT_STREAM = MediaTypes.TEXT_EVENT_STREAM.toContentType();

    private Answers() {}

    /** What every list looks like. */
    record Page<T>(String object, List<T> data) {
        static <T> Page<T> of(List<T> data) {
            return new Page<>("list", List.copyOf(data));
        }
    }

    static HttpResponse ok(Object view) {
        return json(200, view);
    }

    static HttpResponse json(int status, Object view) {
        return HttpResponse.create()
                .withStatus(StatusCodes.get(status))
                .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, bytes(view)));
    }

    static HttpResponse events(Source<ByteString, NotUsed> events) {
        // Proxies that collect an answer before they pass it on would make a stream of words one lump.
        return HttpResponse.create()
                .addHeader(RawHeader.create("Cache-Control", "no-cache"))
                .addHeader(RawHeader.create("X-Accel-Buffering", "no"))
                .withEntity(HttpEntities.createChunked(EVENT_STREAM, events));
    }

    static ByteString bytes(Object view) {
        try {
            return ByteString.fromArrayUnsafe(MAPPER.writeValueAsBytes(view));
        } catch (JsonProcessingException e) {
            throw new AssertionError("a view can be written", e);
        }
    }
}
