package dev.tatara.runtime.settings;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Defaults that depend on where the process runs: in a pod logs are for machines, elsewhere for people. */
public final class PodDefaults implements ConfigSource {
    private static final int BELOW_APPLICATION_PROPERTIES = 50;

    private final Map<String, String> properties = Map.of(
            "quarkus.log.console.json.enabled", String.valueOf(System.getenv("KUBERNETES_SERVICE_HOST") != null));

    @Override
    public Set<String> getPropertyNames() {
        return properties.keySet();
    }

    @Override
    public String getValue(String name) {
        return properties.get(name);
    }

    @Override
    public String getName() {
        return "where the process runs";
    }

    @Override
    public int getOrdinal() {
        return BELOW_APPLICATION_PROPERTIES;
    }
}
