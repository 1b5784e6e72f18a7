package dev.tatara.runtime.features;

import dev.tatara.features.FeatureRow;
import dev.tatara.runtime.features.ModelLookup.Group;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.metrics.LookupMeters;
import dev.tatara.runtime.metrics.LookupMeters.Failure;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Looks up on one event loop what requests to a model leave to be looked up. */
public final class Lookups {
    private final ModelLookup model;
    private final StoreLinks links;
    private final LookupMeters meters;
    /** By group; filled and read within one call. */
    private final FeatureRow[] found;

    public Lookups(ModelLookup model, StoreLinks links) {
        this.model = model;
        this.links = links;
        meters = links.stores().meters();
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
            lookup.start();
        } catch (RequestException e) {
            completion.notFound(e);
        }
    }

    /** One request's lookup. */
    private final class Lookup {
        private final InferenceRequest request;
        private final Completion completion;
        private final long started = System.nanoTime();
        private final List<Part> parts = new ArrayList<>(1);
        private final ModelLookup.Missing missing = new ModelLookup.Missing();
        private int open;

        Lookup(InferenceRequest request, Completion completion) {
            this.request = request;
            this.completion = completion;
        }

        void start() throws RequestException {
            EntityKeys keys = request.entityKeys();
            int rows = keys.leftRows();
            for (int index = 0; index < model.groups().size(); index++) {
                Group group = model.groups().get(index);
                Part part = null;
                for (int row = 0; row < rows; row++) {
                    if (!keys.isAnyLeft(row, group.first(), group.end())) {
                        continue;
                    }
                    if (part == null) {
                        part = part(group.store());
                    }
                    part.add(index, row, model.key(group, request, row));
                }
            }
            open = parts.size();
            for (Part part : parts) {
                if (open > 0) {
                    links.ask(part.store, part);
                }
            }
        }

        private Part part(int store) {
            for (Part part : parts) {
                if (part.store == store) {
                    return part;
                }
            }
            Part part = new Part(store);
            parts.add(part);
            return part;
        }

        private void partFound() {
            if (--open == 0) {
                RequestException failure = missing.failure();
                if (failure == null) {
                    meters.looked(System.nanoTime() - started);
                    completion.found();
                } else {
                    giveUp(Failure.MISSING, failure);
                }
            }
        }

        private void giveUp(Failure kind, RequestException why) {
            if (open < 0) {
                return;
            }
            open = -1;
            meters.failed(kind);
            parts.forEach(Part::cancel);
            completion.notFound(why);
        }

        /** What is asked of one store. */
        private final class Part extends Ask {
            private final int store;
            private final List<int[]> groupsAndRows = new ArrayList<>();

            Part(int store) {
                this.store = store;
            }

            void add(int group, int row, byte[] key) {
                add(Questions.of(model.groups().get(group).lookup(), key));
                groupsAndRows.add(new int[] {group, row});
            }

            @Override
            void found(int question, Response reply) {
                int[] place = groupsAndRows.get(question);
                Group group = model.groups().get(place[0]);
                FeatureRow row = found[place[0]];
                group.lookup().decode(Questions.values(reply), Instant.now(), row);
                model.take(group, row, request, place[1], missing, meters);
            }

            @Override
            void allFound() {
                partFound();
            }

            @Override
            void failed(RequestException why) {
                giveUp(Failure.UNAVAILABLE, why);
            }

            @Override
            void timedOut(RequestException why) {
                giveUp(why.status() == 504 ? Failure.TIMEOUT : Failure.UNAVAILABLE, why);
            }
        }
    }
}
