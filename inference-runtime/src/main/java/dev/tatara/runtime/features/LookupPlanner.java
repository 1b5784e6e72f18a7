package dev.tatara.runtime.features;

import dev.tatara.features.FeatureType;
import dev.tatara.features.JoinKey;
import dev.tatara.features.OnlineFeature;
import dev.tatara.features.OnlineRead;
import dev.tatara.features.OnlineView;
import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.ValueInfo;
import dev.tatara.runtime.features.ModelLookup.Group;
import dev.tatara.runtime.features.ModelLookup.Place;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.model.ServedModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds a model's features in views, by their names: those of the columns of its only input where these have names, else
 * those of its inputs. {@code <view>__<feature>} names a feature too, as training's join calls those that several views
 * have.
 */
final class LookupPlanner {
    private final ServedModel model;
    private final List<StoredView> views;
    private final List<String> stores;
    private final Map<String, List<Source>> byName = new HashMap<>();
    private final Map<Question, List<Used>> questions = new LinkedHashMap<>();
    private final Map<String, ValueInfo> keys = new LinkedHashMap<>();

    /** A feature of a view. */
    private record Source(StoredView view, OnlineFeature feature) {
        String name() {
            return view.view().name() + ":" + feature.name();
        }
    }

    /** A feature of a view that has a place in the model. */
    private record Used(Source source, Place place) {}

    /** What one HMGET may ask for. */
    private record Question(String store, String project, List<JoinKey> sortedKeys) {}

    /**
     * @param stores names of the stores, in their order
     */
    LookupPlanner(ServedModel model, List<StoredView> views, List<String> stores) {
        this.model = model;
        this.views = views;
        this.stores = stores;
        for (StoredView view : views) {
            for (OnlineFeature feature : view.view().features()) {
                Source source = new Source(view, feature);
                byName.computeIfAbsent(feature.name(), name -> new ArrayList<>(1))
                        .add(source);
                byName.computeIfAbsent(view.view().name() + "__" + feature.name(), name -> new ArrayList<>(1))
                        .add(source);
            }
        }
    }

    /**
     * What to look up.
     *
     * @throws ModelUnavailableException where the model's features can't be told, or don't fit
     */
    ModelLookup plan(OnMissing onMissing) throws ModelUnavailableException {
        List<String> columns = model.columns();
        if (columns.isEmpty()) {
            for (int i = 0; i < model.inputs().size(); i++) {
                input(i);
            }
        } else {
            for (int i = 0; i < columns.size(); i++) {
                place(columns.get(i), new Place(0, columns.size(), i, 1));
            }
        }
        if (questions.isEmpty()) {
            throw new ModelUnavailableException("features are to be looked up, and none of the views has one that the"
                    + " model takes: it takes " + (columns.isEmpty() ? inputNames() : columns) + ", the views have "
                    + featureNames() + ". Name the columns of the model's input in the ModelVersion"
                    + " (spec.signature), or take spec.features out of the InferenceService");
        }
        return lookup(columns.size(), onMissing);
    }

    /** An input that is one feature, if a view has it. */
    private void input(int index) throws ModelUnavailableException {
        ValueInfo info = model.inputs().get(index);
        boolean batched = !info.shape().isEmpty()
                && info.shape().getFirst() <= 1
                && info.shape().getFirst() != 0;
        if (!batched) {
            return;
        }
        int width = 1;
        for (long size : info.shape().subList(1, info.shape().size())) {
            width *= (int) Math.abs(size);
        }
        place(info.name(), new Place(index, width, 0, width));
    }

    private void place(String name, Place place) throws ModelUnavailableException {
        List<Source> found = byName.getOrDefault(name, List.of());
        if (found.isEmpty()) {
            return;
        }
        if (found.size() > 1) {
            throw new ModelUnavailableException("the model's feature \"" + name + "\" is in several views: "
                    + found.stream().map(Source::name).toList() + "; name the model's column <view>__" + name);
        }
        Source source = found.getFirst();
        Datatype datatype = model.inputs().get(place.input()).datatype();
        FeatureType type = source.feature().type();
        boolean oneValue = !type.isList() && place.width() == 1;
        boolean list = type.isList() && model.columns().isEmpty();
        if (!InputValues.fits(type, datatype) || !(oneValue || list)) {
            throw new ModelUnavailableException("the feature " + source.name() + " is " + type
                    + ", which the model's input \""
                    + model.inputs().get(place.input()).name() + "\" (" + datatype
                    + " " + model.inputs().get(place.input()).shape() + ") can't take");
        }
        OnlineView view = source.view().view();
        List<JoinKey> sorted = view.joinKeys().stream()
                .sorted(Comparator.comparing(JoinKey::name))
                .toList();
        questions
                .computeIfAbsent(
                        new Question(source.view().store(), view.project(), sorted), question -> new ArrayList<>())
                .add(new Used(source, place));
        for (JoinKey key : view.joinKeys()) {
            key(key, view);
        }
    }

    private void key(JoinKey key, OnlineView view) throws ModelUnavailableException {
        Datatype datatype =
                switch (key.type()) {
                    case INT32 -> Datatype.INT32;
                    case BOOL -> Datatype.BOOL;
                    case STRING, BYTES -> Datatype.BYTES;
                    default -> Datatype.INT64;
                };
        ValueInfo known = keys.computeIfAbsent(key.name(), name -> new ValueInfo(name, datatype, List.of(-1L)));
        if (known.datatype() != datatype) {
            throw new ModelUnavailableException("the entity key \"" + key.name() + "\" is " + key.type() + " in view "
                    + view.name() + " and of another type in another view: one value can't be both");
        }
    }

    private ModelLookup lookup(int columns, OnMissing onMissing) {
        List<ValueInfo> layoutKeys = List.copyOf(keys.values());
        List<String> names = layoutKeys.stream().map(ValueInfo::name).toList();
        int[][] features = new int[model.inputs().size()][];
        Arrays.fill(features, new int[0]);
        List<Group> groups = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (Map.Entry<Question, List<Used>> question : questions.entrySet()) {
            Map<StoredView, List<Used>> byView = new LinkedHashMap<>();
            question.getValue()
                    .forEach(used -> byView.computeIfAbsent(used.source().view(), view -> new ArrayList<>())
                            .add(used));
            int first = places.size();
            List<OnlineView> asked = new ArrayList<>();
            byView.forEach((view, used) -> {
                asked.add(part(view.view(), used));
                used.forEach(one -> {
                    Place place = one.place();
                    if (features[place.input()].length == 0) {
                        features[place.input()] = new int[Math.max(1, columns)];
                        Arrays.fill(features[place.input()], -1);
                    }
                    features[place.input()][columns == 0 ? 0 : place.at()] = places.size();
                    places.add(place);
                });
            });
            OnlineRead read = new OnlineRead(asked);
            int[] positions = read.lookups().getFirst().joinKeys().stream()
                    .mapToInt(key -> names.indexOf(key.name()))
                    .toArray();
            groups.add(new Group(stores.indexOf(question.getKey().store()), read, first, positions));
        }
        return new ModelLookup(new EntityLayout(layoutKeys, features, places.size()), groups, places, onMissing);
    }

    /** As much of a view as the model takes. */
    private static OnlineView part(OnlineView view, List<Used> used) {
        return new OnlineView(
                view.project(),
                view.name(),
                view.joinKeys(),
                used.stream().map(one -> one.source().feature()).toList(),
                view.ttl());
    }

    private List<String> inputNames() {
        return model.inputs().stream().map(ValueInfo::name).toList();
    }

    private List<String> featureNames() {
        return views.stream()
                .flatMap(view -> view.view().features().stream().map(OnlineFeature::name))
                .limit(20)
                .toList();
    }
}
