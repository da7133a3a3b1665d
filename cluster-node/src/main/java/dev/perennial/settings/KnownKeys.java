package dev.perennial.settings;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.TreeSet;

/** Compares what was configured with what can be, which is what {@code reference.conf} has a default for. */
final class KnownKeys {
    private KnownKeys() {}

    static void check(ConfigObject configured, ConfigObject known, String path) {
        for (Map.Entry<String, ConfigValue> entry : configured.entrySet()) {
            String key = path + "." + entry.getKey();
            ConfigValue reference = known.get(entry.getKey());
            if (reference == null) {
                throw new SettingsException(key + " is not a setting ("
                        + entry.getValue().origin().description() + "); settings of " + path + " are "
                        + String.join(", ", new TreeSet<>(known.keySet())));
            }
            if (reference instanceof ConfigObject section) {
                if (!(entry.getValue() instanceof ConfigObject inner)) {
                    throw new SettingsException(key + " is a section, not a value ("
                            + entry.getValue().origin().description() + ")");
                }
                check(inner, section, key);
            }
        }
    }
}
