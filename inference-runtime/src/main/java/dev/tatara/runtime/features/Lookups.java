package dev.tatara.runtime.features;

import dev.tatara.features.FeatureRow;
import dev.tatara.runtime.features.ModelLookup.Group;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Looks up on one event loop what requests to a model leave to be looked up. */
public final class Lookups {
    private final ModelLookup model;
    private final StoreLinks links;
    private final List<String> stores;
    /** By group; filled and read within one call. */
    private final FeatureRow[] found;

    public Lookups(ModelLookup model, StoreLinks links) {
        this.model = model;
        this.links = links;
        stores = links.stores().stores();
        found = model.groups().stream().map(group -> group.read().newRow()).toArray(FeatureRow[]::new);
    }

    /** Which keys requests may bring. */
    public EntityLayout layout() {
        return model.layout();
    }

    /** Where it goes on. Called on the event loop, once, perhaps before the lookup began to wait. */
    public interface Completion {
        /** The request's inputs are whole. */
        void found();

        /** They can't be had. */
        void notFound(RequestException why);
    }

    /**
     * Looks up what a request left. The request is left alone from when {@code completion} is called.
     *
     * @param known what needn't be asked, and where to note what is; null where nobody wants to know
     */
    public void look(InferenceRequest request, FoundFeatures known, Completion completion) {
        Lookup lookup = new Lookup(request, known, completion);
        try {
            lookup.ask();
        } catch (RequestException e) {
            completion.notFound(e);
        }
    }

    /** A row of a request in a group. */
    private record Place(int group, int row) {}

    /** One request's lookup. */
    private final class Lookup extends Inquiry {
        private final InferenceRequest request;
        private final FoundFeatures known;
        private final Completion completion;
        private final ModelLookup.Missing missing = new ModelLookup.Missing();
        /** Of what was asked, by group and row; only where what is found is noted. */
        private final Map<Place, byte[]> asked;

        Lookup(InferenceRequest request, FoundFeatures known, Completion completion) {
            super(links, known == null || known.counts());
            this.request = request;
            this.known = known;
            this.completion = completion;
            asked = known == null ? Map.of() : new HashMap<>();
        }

        void ask() throws RequestException {
            EntityKeys keys = request.entityKeys();
            int rows = keys.leftRows();
            for (int index = 0; index < model.groups().size(); index++) {
                Group group = model.groups().get(index);
                for (int row = 0; row < rows; row++) {
                    if (keys.isAnyLeft(row, group.first(), group.end())) {
                        byte[] key = model.key(group, request, row);
                        if (known != null && known.has(stores.get(group.store()), key, group.lookup())) {
                            takeKnown(index, row, key);
                            continue;
                        }
                        if (known != null) {
                            asked.put(new Place(index, row), key);
                        }
                        add(group.store(), Questions.of(group.lookup(), key), index, row);
                    }
                }
            }
            start();
        }

        @Override
        void found(int index, int row, Response reply) {
            if (known == null) {
                take(index, row, Questions.values(reply), Instant.now());
                return;
            }
            Group group = model.groups().get(index);
            byte[] key = asked.get(new Place(index, row));
            known.add(stores.get(group.store()), key, group.lookup(), Questions.values(reply));
            takeKnown(index, row, key);
        }

        private void takeKnown(int index, int row, byte[] key) {
            Group group = model.groups().get(index);
            take(index, row, known.values(stores.get(group.store()), key, group.lookup()), known.at());
        }

        private void take(int index, int row, IntFunction<byte[]> reply, Instant now) {
            Group group = model.groups().get(index);
            FeatureRow values = found[index];
            group.lookup().decode(reply, now, values);
            model.take(group, values, request, row, missing, meters());
        }

        @Override
        RequestException missing() {
            return missing.failure();
        }

        @Override
        void allFound() {
            completion.found();
        }

        @Override
        void failed(RequestException why) {
            completion.notFound(why);
        }
    }
}
