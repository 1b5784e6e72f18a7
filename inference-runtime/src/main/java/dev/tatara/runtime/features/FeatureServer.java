package dev.tatara.runtime.features;

import dev.tatara.features.DefaultValue;
import dev.tatara.features.FeatureRow;
import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.runtime.features.OnlinePlan.Part;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers {@code /get-online-features} as Feast's feature server does, on one event loop. Unlike it, it honours a view's
 * time to live and tells so by the statuses, and where a value is missing gives the feature's default.
 */
public final class FeatureServer {
    private static final int KEPT_PLANS = 256;

    private final StoreLinks links;
    private final FeatureStores stores;
    private final Json json = new Json();
    private final Map<List<String>, OnlinePlan> plans = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, OnlinePlan> eldest) {
            return size() > KEPT_PLANS;
        }
    };

    public FeatureServer(StoreLinks links) {
        this.links = links;
        stores = links.stores();
    }

    /** Where the answer goes. Called on the event loop, once. */
    public interface Completion {
        /** The answer, in JSON. */
        void answered(byte[] body);

        void failed(RequestException why);
    }

    /** Answers the body of a request. */
    public void ask(byte[] body, Completion completion) {
        try {
            OnlineQuery asked = OnlineQuery.read(json, body);
            new Query(asked, plan(asked), completion).ask();
        } catch (RequestException e) {
            completion.failed(e);
        }
    }

    private OnlinePlan plan(OnlineQuery asked) throws RequestException {
        OnlinePlan plan = plans.get(asked.features());
        if (plan == null) {
            try {
                plan = OnlinePlan.of(asked.features(), stores.views(), stores.stores());
            } catch (IllegalArgumentException e) {
                throw RequestException.bad(e.getMessage());
            }
            plans.put(List.copyOf(asked.features()), plan);
        }
        if (!asked.fullNames()) {
            plan.requireDistinctNames();
        }
        return plan;
    }

    /** One request on its way. */
    private final class Query extends Inquiry {
        private final OnlineQuery asked;
        private final OnlinePlan plan;
        private final Completion completion;
        private final Map<String, Object[]> keys = new LinkedHashMap<>();
        private final FeatureRow[][] found;

        Query(OnlineQuery asked, OnlinePlan plan, Completion completion) {
            super(links);
            this.asked = asked;
            this.plan = plan;
            this.completion = completion;
            found = new FeatureRow[plan.parts().size()][asked.rows()];
        }

        void ask() throws RequestException {
            for (Map.Entry<String, List<Object>> entity : asked.entities().entrySet()) {
                JoinKey key = plan.keys().get(entity.getKey());
                // Feast passes over what is no key of the views, too.
                if (key != null) {
                    keys.put(key.name(), values(key, entity.getValue()));
                }
            }
            for (int part = 0; part < found.length; part++) {
                question(part);
            }
            start();
        }

        private void question(int number) throws RequestException {
            Part part = plan.parts().get(number);
            List<JoinKey> parts = part.lookup().joinKeys();
            Object[] values = new Object[parts.size()];
            for (int row = 0; row < asked.rows(); row++) {
                for (int i = 0; i < values.length; i++) {
                    Object[] column = keys.get(parts.get(i).name());
                    if (column == null) {
                        throw RequestException.bad("\"entities\" lacks the join key \""
                                + parts.get(i).name() + "\" (" + parts.get(i).type() + ")");
                    }
                    values[i] = column[row];
                }
                byte[] key;
                try {
                    key = part.lookup().key(values);
                } catch (IllegalArgumentException e) {
                    throw RequestException.bad("\"entities\", row " + row + ": " + e.getMessage());
                }
                found[number][row] = part.read().newRow();
                add(part.store(), Questions.of(part.lookup(), key), number, row);
            }
        }

        @Override
        void found(int number, int row, Response reply) {
            Part part = plan.parts().get(number);
            FeatureRow values = found[number][row];
            part.lookup().decode(Questions.values(reply), Instant.now(), values);
            for (int i = 0; i < values.size(); i++) {
                meters().found(part.read().view(i).name(), values.status(i));
            }
        }

        @Override
        RequestException missing() {
            // The answer's statuses tell.
            return null;
        }

        @Override
        void allFound() {
            completion.answered(OnlineAnswer.write(plan, asked.fullNames(), asked.rows(), keys, found));
        }

        @Override
        void failed(RequestException why) {
            completion.failed(why);
        }
    }

    /** A column of keys as the key's type has them: bytes come in base64, times as texts or seconds. */
    private static Object[] values(JoinKey key, List<Object> given) throws RequestException {
        Object[] values = given.toArray();
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = value(key.type(), values[i]);
            } catch (IllegalArgumentException e) {
                throw RequestException.bad(
                        "\"entities\", row " + i + ": a value of \"" + key.name() + "\" isn't " + key.type());
            }
            if (values[i] == null) {
                throw RequestException.bad("\"entities\", row " + i + ": \"" + key.name() + "\" is null");
            }
        }
        return values;
    }

    private static Object value(FeatureType type, Object given) {
        return switch (type) {
            case BYTES, UNIX_TIMESTAMP -> given == null ? null : DefaultValue.parse(type, given.toString());
            case STRING -> {
                if (given != null && !(given instanceof String)) {
                    throw new IllegalArgumentException("no text");
                }
                yield given;
            }
            default -> given;
        };
    }
}
