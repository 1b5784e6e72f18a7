package dev.tatara.runtime.tracing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/** Lists as OpenTelemetry's environment variables have them: {@code key=value,key=value}, values percent-encoded. */
final class KeyValues {
    private static final Logger LOG = Logger.getLogger(KeyValues.class);

    private KeyValues() {}

    /**
     * Reads a list.
     *
     * @param key the setting that it stands in; entries that can't be read are left aside, and the log names it
     */
    static Map<String, String> parse(String key, String list) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String entry : list.split(",", -1)) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                try {
                    entries.put(
                            entry.substring(0, equals).strip(),
                            decoded(entry.substring(equals + 1).strip()));
                } catch (IllegalArgumentException e) {
                    LOG.warnf("%s: left aside: a value is not percent-encoded: %s", key, e.getMessage());
                }
            } else if (!entry.isBlank()) {
                LOG.warnf("%s: expected key=value,key=value; an entry without a key is left aside", key);
            }
        }
        return entries;
    }

    private static String decoded(String value) {
        // A plus is a plus here, and not a space as in forms.
        return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
