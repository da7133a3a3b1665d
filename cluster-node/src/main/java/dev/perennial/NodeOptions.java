package dev.perennial;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that starts a node. */
final class NodeOptions {
    @Option(names = "--data", description = "Directory of everything that is kept (default: data).")
    private @Nullable Path data;

    @Option(names = "--port", description = "HTTP port on loopback; 0 for any free one (default: 8080).")
    private @Nullable Integer port;

    @Option(names = "--base", description = "Directory of a Llama-family base model (default: the embedded one).")
    private @Nullable Path base;

    /** Command line over configuration file over defaults. */
    Config config(@Nullable Path file) {
        Map<String, Object> values = new HashMap<>();
        if (data != null) {
            values.put("perennial.data", data.toString());
        }
        if (port != null) {
            values.put("perennial.http.port", port);
        }
        if (base != null) {
            values.put("perennial.base", base.toString());
        }
        Config given = ConfigFactory.parseMap(values, "command line");
        if (file != null) {
            if (!Files.isReadable(file)) {
                throw new StartException("cannot read the configuration file " + file);
            }
            try {
                given = given.withFallback(ConfigFactory.parseFile(file.toFile()));
            } catch (ConfigException e) {
                throw new StartException("bad configuration file: " + e.getMessage(), e);
            }
        }
        return given.withFallback(ConfigFactory.load()).resolve();
    }
}
