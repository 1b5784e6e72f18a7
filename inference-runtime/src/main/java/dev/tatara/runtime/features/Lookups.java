package dev.tatara.runtime.features;

import dev.tatara.features.FeatureRow;
import dev.tatara.runtime.features.ModelLookup.Group;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import io.vertx.redis.client.Response;
import java.time.Instant;

/** Looks up on one event loop what requests to a model leave to be looked up. */
public final class Lookups {
    private final ModelLookup model;
    private final StoreLinks links;
    /** By group; filled and read within one call. */
    private final FeatureRow[] found;

    public Lookups(ModelLookup model, StoreLinks links) {
        this.model = model;
        this.links = links;
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

    /** Looks up what a request left. The request is left alone from when {@code completion} is called. */
    public void look(InferenceRequest request, Completion completion) {
        Lookup lookup = new Lookup(request, completion);
        try {
            lookup.ask();
        } catch (RequestException e) {
            completion.notFound(e);
        }
    }

    /** One request's lookup. */
    private final class Lookup extends Inquiry {
        private final InferenceRequest request;
        private final Completion completion;
        private final ModelLookup.Missing missing = new ModelLookup.Missing();

        Lookup(InferenceRequest request, Completion completion) {
            super(links);
            this.request = request;
            this.completion = completion;
        }

        void ask() throws RequestException {
            EntityKeys keys = request.entityKeys();
            int rows = keys.leftRows();
            for (int index = 0; index < model.groups().size(); index++) {
                Group group = model.groups().get(index);
                for (int row = 0; row < rows; row++) {
                    if (keys.isAnyLeft(row, group.first(), group.end())) {
                        byte[] key = model.key(group, request, row);
                        add(group.store(), Questions.of(group.lookup(), key), index, row);
                    }
                }
            }
            start();
        }

        @Override
        void found(int index, int row, Response reply) {
            Group group = model.groups().get(index);
            FeatureRow values = found[index];
            group.lookup().decode(Questions.values(reply), Instant.now(), values);
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
