package dev.tatara.runtime.settings;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Keys under {@code tatara.runtime.} that mean nothing: misspelt, or of a newer version. */
public final class UnknownSettings {
    private static final Logger LOG = Logger.getLogger(UnknownSettings.class);
    private static final String PREFIX = "tatara.runtime.";

    private UnknownSettings() {}

    /** Names them in the log; they must not keep an older image from serving. */
    public static void warn() {
        Set<String> known = ConfigMappings.getProperties(ConfigClass.configClass(RuntimeSettings.class))
                .keySet();
        Set<String> unknown = new TreeSet<>();
        for (String name : ConfigProvider.getConfig().getPropertyNames()) {
            if (name.startsWith(PREFIX) && !known.contains(name)) {
                unknown.add(name);
            }
        }
        if (!unknown.isEmpty()) {
            LOG.warnf("settings that this version doesn't know and leaves aside: %s", String.join(", ", unknown));
        }
    }
}
