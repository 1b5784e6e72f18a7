package dev.tatara.runtime.features;

import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineView;
import dev.tatara.runtime.metrics.LookupMeters;
import dev.tatara.runtime.metrics.ProcessMetrics;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The views that this process may look up and the stores they lie in. */
public final class FeatureStores {
    private final List<StoredView> views;
    private final List<String> stores;
    private final Path credentials;
    private final Duration timeout;
    private final OnMissing onMissing;
    private final LookupMeters meters;
    private final Map<String, AtomicInteger> connections = new HashMap<>();

    private FeatureStores(List<StoredView> views, RuntimeSettings.Features settings, ProcessMetrics metrics) {
        this.views = views;
        stores = views.stream().map(StoredView::store).distinct().toList();
        credentials = settings.credentialsDir();
        timeout = settings.timeout();
        onMissing = settings.onMissing();
        meters = new LookupMeters(
                metrics, views.stream().map(view -> view.view().name()).toList());
        for (String store : stores) {
            connections.put(store, meters.connections(store));
        }
    }

    /**
     * What the settings say.
     *
     * @return empty where no features are looked up
     * @throws IllegalArgumentException where the file of views can't be read; the message says what to do
     */
    public static Optional<FeatureStores> of(RuntimeSettings.Features settings, ProcessMetrics metrics) {
        return settings.file().map(file -> new FeatureStores(FeatureFile.read(file), settings, metrics));
    }

    /**
     * What to look up for a model.
     *
     * @throws ModelUnavailableException where the model's features can't be told, or don't fit
     */
    public ModelLookup planFor(ServedModel model) throws ModelUnavailableException {
        try {
            return new LookupPlanner(model, onMissing == OnMissing.REJECT ? withoutDefaults() : views, stores)
                    .plan(onMissing);
        } catch (IllegalArgumentException e) {
            throw new ModelUnavailableException("features can't be looked up: " + e.getMessage(), e);
        }
    }

    private List<StoredView> withoutDefaults() {
        return views.stream()
                .map(stored -> new StoredView(withoutDefaults(stored.view()), stored.store()))
                .toList();
    }

    private static OnlineView withoutDefaults(OnlineView view) {
        return new OnlineView(
                view.project(),
                view.name(),
                view.joinKeys(),
                view.features().stream()
                        .map(feature -> new OnlineFeature(feature.name(), feature.type()))
                        .toList(),
                view.ttl());
    }

    /** The views that may be looked up. */
    public List<StoredView> views() {
        return views;
    }

    List<String> stores() {
        return stores;
    }

    Duration timeout() {
        return timeout;
    }

    LookupMeters meters() {
        return meters;
    }

    /** The folder with what a store's Secret says. */
    Path credentials(String store) {
        return credentials.resolve(store);
    }

    /** How many event loops have a connection to a store. */
    AtomicInteger connections(String store) {
        return connections.get(store);
    }
}
