package dev.tatara.runtime.features;

import io.vertx.core.Context;
import io.vertx.core.Vertx;

/** One event loop's connections to the stores. */
public final class StoreLinks {
    private final FeatureStores stores;
    private final StoreLink[] links;

    public StoreLinks(FeatureStores stores) {
        this.stores = stores;
        links = stores.stores().stream()
                .map(store ->
                        new StoreLink(store, stores.credentials(store), stores.timeout(), stores.connections(store)))
                .toArray(StoreLink[]::new);
    }

    /** Connects, on the event loop that they belong to from now on. */
    public void open(Vertx vertx, Context loop) {
        for (StoreLink link : links) {
            link.open(vertx, loop);
        }
    }

    public void close() {
        for (StoreLink link : links) {
            link.close();
        }
    }

    FeatureStores stores() {
        return stores;
    }

    void ask(int store, Ask ask) {
        links[store].ask(ask);
    }
}
