package dev.tatara.runtime.settings;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Keys under {@code tatara.runtime.} that mean nothing: misspelt, or of a newer version. */
public final class UnknownSettings {
    private static final Logger LOG = Logger.getLogger(UnknownSettings.class);
    private static final String PREFIX = "tatara.runtime.";

    private static final Pattern INDEX = Pattern.compile("\\[\\d+]$");
    private static final String ANY_ENTRY = ".*";

    private UnknownSettings() {}

    /** Names them in the log; they must not keep an older image from serving. */
    public static void warn() {
        Set<String> known = ConfigMappings.getProperties(ConfigClass.configClass(RuntimeSettings.class))
                .keySet();
        Set<String> unknown = new TreeSet<>();
        for (String name : ConfigProvider.getConfig().getPropertyNames()) {
            if (name.startsWith(PREFIX) && !isKnown(name, known)) {
                unknown.add(name);
            }
        }
        if (!unknown.isEmpty()) {
            LOG.warnf("settings that this version doesn't know and leaves aside: %s", String.join(", ", unknown));
        }
    }

    /** Elements of lists are numbered, entries of maps are called as people like. */
    private static boolean isKnown(String name, Set<String> known) {
        if (known.contains(name) || known.contains(INDEX.matcher(name).replaceFirst(""))) {
            return true;
        }
        return known.stream()
                .filter(key -> key.endsWith(ANY_ENTRY))
                .anyMatch(key -> name.startsWith(key.substring(0, key.length() - ANY_ENTRY.length() + 1)));
    }
}
