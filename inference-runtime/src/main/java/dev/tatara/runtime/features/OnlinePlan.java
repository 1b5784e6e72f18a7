package dev.tatara.runtime.features;

import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineRead;
import dev.tatara.features.OnlineView;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the features that a query names are found. Immutable, and the same for all queries with the same features.
 *
 * @param keys the join keys by name
 * @param columns the features of the answer, in its order
 */
record OnlinePlan(List<Part> parts, Map<String, JoinKey> keys, List<Column> columns) {

    /** What one question to one store finds. */
    record Part(int store, OnlineRead read) {
        OnlineRead.Lookup lookup() {
            return read.lookups().getFirst();
        }
    }

    /** A feature of the answer: the one at an index of a part. */
    record Column(int part, int index, String view, OnlineFeature feature) {
        String name(boolean full) {
            return full ? view + "__" + feature.name() : feature.name();
        }
    }

    private record Question(String store, String project, List<JoinKey> sortedKeys) {}

    /**
     * A plan for features named {@code <view>:<feature>}. The answer has those of a view together, as Feast's has.
     *
     * @throws RequestException 404 where there is no such view or feature
     */
    static OnlinePlan of(List<String> features, List<StoredView> views, List<String> stores) throws RequestException {
        Map<StoredView, List<OnlineFeature>> byView = byView(features, views);
        Map<String, JoinKey> keys = new HashMap<>();
        Map<Question, List<StoredView>> questions = new LinkedHashMap<>();
        for (StoredView stored : byView.keySet()) {
            OnlineView view = stored.view();
            for (JoinKey key : view.joinKeys()) {
                JoinKey known = keys.putIfAbsent(key.name(), key);
                if (known != null && known.type() != key.type()) {
                    throw RequestException.bad("the join key \"" + key.name() + "\" is " + known.type()
                            + " in one view and " + key.type() + " in another: ask for their features apart");
                }
            }
            List<JoinKey> sorted = view.joinKeys().stream()
                    .sorted(Comparator.comparing(JoinKey::name))
                    .toList();
            questions
                    .computeIfAbsent(
                            new Question(stored.store(), view.project(), sorted), question -> new ArrayList<>())
                    .add(stored);
        }
        List<Part> parts = new ArrayList<>();
        Map<StoredView, int[]> places = new HashMap<>();
        questions.forEach((question, asked) -> {
            List<OnlineView> narrowed = new ArrayList<>();
            int first = 0;
            for (StoredView stored : asked) {
                List<OnlineFeature> wanted = byView.get(stored);
                OnlineView view = stored.view();
                narrowed.add(new OnlineView(view.project(), view.name(), view.joinKeys(), wanted, view.ttl()));
                places.put(stored, new int[] {parts.size(), first});
                first += wanted.size();
            }
            parts.add(new Part(stores.indexOf(question.store()), new OnlineRead(narrowed)));
        });
        List<Column> columns = new ArrayList<>();
        byView.forEach((stored, wanted) -> {
            for (int i = 0; i < wanted.size(); i++) {
                int[] place = places.get(stored);
                columns.add(new Column(place[0], place[1] + i, stored.view().name(), wanted.get(i)));
            }
        });
        return new OnlinePlan(List.copyOf(parts), Map.copyOf(keys), List.copyOf(columns));
    }

    /** Refuses names that would be in the answer twice. */
    void requireDistinctNames() throws RequestException {
        Set<String> names = new HashSet<>(keys.keySet());
        for (Column column : columns) {
            if (!names.add(column.name(false))) {
                throw RequestException.bad("two features of the answer would be called \"" + column.name(false)
                        + "\": set \"full_feature_names\" to true");
            }
        }
    }

    private static Map<StoredView, List<OnlineFeature>> byView(List<String> features, List<StoredView> views)
            throws RequestException {
        Map<StoredView, List<OnlineFeature>> byView = new LinkedHashMap<>();
        for (String reference : features) {
            int colon = reference.indexOf(':');
            if (colon <= 0) {
                throw RequestException.bad(
                        "a feature is named \"<view>:<feature>\", got \"" + Json.shown(reference) + "\"");
            }
            String viewName = reference.substring(0, colon);
            StoredView stored = views.stream()
                    .filter(view -> view.view().name().equals(viewName))
                    .findFirst()
                    .orElseThrow(() -> new RequestException(
                            404,
                            "there is no view \"" + Json.shown(viewName) + "\" here: there are "
                                    + views.stream()
                                            .map(view -> view.view().name())
                                            .toList()));
            String name = reference.substring(colon + 1);
            OnlineFeature feature = stored.view().features().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new RequestException(
                            404, "the view \"" + viewName + "\" has no feature \"" + Json.shown(name) + "\""));
            List<OnlineFeature> wanted = byView.computeIfAbsent(stored, view -> new ArrayList<>());
            if (wanted.contains(feature)) {
                throw RequestException.bad("the feature \"" + Json.shown(reference) + "\" is named twice");
            }
            wanted.add(feature);
        }
        return byView;
    }
}
