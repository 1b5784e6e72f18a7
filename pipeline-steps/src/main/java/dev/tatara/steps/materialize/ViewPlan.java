package dev.tatara.steps.materialize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec.Materialization.Mode;
import dev.tatara.api.v1alpha1.featureview.Source;
import dev.tatara.api.v1alpha1.featureview.ValueType;
import dev.tatara.artifacts.Sha256;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.ViewParts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a FeatureView's specification means for its rows.
 *
 * @param namespace namespace of the view
 * @param name its name
 * @param keys join keys in the order of the entities
 * @param features features in the order of the specification
 * @param eventTime column of the event time
 * @param created column of the time of creation, where there is one
 * @param ttl how long a value counts; zero: for ever
 * @param lookback how much earlier than the last time an incremental run begins
 * @param full whether every run computes everything
 * @param keep snapshots to keep
 * @param source where rows come from
 * @param checks what must hold of them
 * @param online online store, where one is wanted
 */
public record ViewPlan(
        String namespace,
        String name,
        List<Typed> keys,
        List<Typed> features,
        String eventTime,
        Optional<String> created,
        Duration ttl,
        Duration lookback,
        boolean full,
        int keep,
        Source source,
        List<DataCheck> checks,
        Optional<FeatureViewSpec.Online> online) {
    private static final int KEEP = 10;

    /**
     * A column that the view has.
     *
     * @param sensitive whether its values must not be told
     */
    public record Typed(String name, ValueType type, boolean sensitive) {}

    /**
     * Understands a specification.
     *
     * @throws StepFailure with reason InvalidDefinition where it makes no sense
     */
    public static ViewPlan of(Definition<FeatureViewSpec> view) throws StepFailure {
        var spec = view.spec();
        var parts = new ViewParts(view);
        if (spec.entities() == null || spec.entities().isEmpty() || spec.features() == null || spec.source() == null) {
            throw parts.invalid("it needs entities, features and source");
        }
        var time = parts.timestampColumn();
        if (spec.engine() != null && spec.engine().type() == FeatureViewSpec.Engine.Type.Spark) {
            throw parts.invalid("this step computes with DuckDB; the view's engine is Spark");
        }
        var keys = new ArrayList<Typed>();
        for (var entity : spec.entities()) {
            keys.add(new Typed(ViewParts.joinKey(entity), parts.type(entity), false));
        }
        var features = new ArrayList<Typed>();
        for (var feature : spec.features()) {
            features.add(new Typed(feature.name(), parts.type(feature), Boolean.TRUE.equals(feature.sensitive())));
        }
        var materialization = Optional.ofNullable(spec.materialization());
        var plan = new ViewPlan(
                view.namespace(),
                view.name(),
                List.copyOf(keys),
                List.copyOf(features),
                time,
                Optional.ofNullable(spec.source().createdTimestampColumn()),
                parts.ttl(),
                materialization
                        .map(FeatureViewSpec.Materialization::lookback)
                        .map(span -> span.toDuration())
                        .orElse(Duration.ZERO),
                materialization
                        .map(FeatureViewSpec.Materialization::mode)
                        .filter(mode -> mode == Mode.Full)
                        .isPresent(),
                spec.snapshots() == null || spec.snapshots().keep() == null
                        ? KEEP
                        : spec.snapshots().keep(),
                spec.source(),
                spec.checks() == null ? List.of() : spec.checks(),
                Optional.ofNullable(spec.online()).filter(online -> Boolean.TRUE.equals(online.enabled())));
        plan.refuseDuplicates();
        return plan;
    }

    /** All columns of a snapshot, in their order. */
    public List<Typed> columns() {
        var times = Stream.concat(Stream.of(eventTime), created.stream())
                .map(column -> new Typed(column, ValueType.UNIX_TIMESTAMP, false));
        return Stream.of(keys.stream(), times, features.stream())
                .flatMap(part -> part)
                .toList();
    }

    /** The columns that tell rows apart. */
    public List<String> identity() {
        return Stream.concat(keyNames().stream(), Stream.of(eventTime)).toList();
    }

    public List<String> keyNames() {
        return keys.stream().map(Typed::name).toList();
    }

    public List<String> featureNames() {
        return features.stream().map(Typed::name).toList();
    }

    /** The columns whose values must not be told. */
    public Set<String> sensitive() {
        return features.stream().filter(Typed::sensitive).map(Typed::name).collect(Collectors.toUnmodifiableSet());
    }

    /** Names of columns in the source and the names they get; the same where nothing is said. */
    public Map<String, String> mapping() {
        return source.fieldMapping() == null ? Map.of() : source.fieldMapping();
    }

    /**
     * Digest of what decides the rows: keys, features, source without its credentials. Where it differs from that of a
     * snapshot, the snapshot's rows are of another kind.
     */
    public String sha256() {
        var parts = new LinkedHashMap<String, Object>();
        parts.put(
                "columns",
                columns().stream()
                        .map(column -> column.name() + " " + column.type())
                        .toList());
        parts.put("eventTime", eventTime);
        parts.put("created", created.orElse(""));
        parts.put("mapping", new TreeMap<>(mapping()));
        parts.put("sql", Optional.ofNullable(source.sql()).orElse(""));
        parts.put("format", String.valueOf(source.format()));
        parts.put("uri", Optional.ofNullable(source.uri()).orElse(""));
        if (source.jdbc() != null) {
            parts.put("jdbc", List.of(source.jdbc().url(), source.jdbc().query()));
        }
        if (source.http() != null) {
            parts.put(
                    "http",
                    List.of(source.http().url(), String.valueOf(source.http().paging())));
        }
        try {
            var json = JsonMapper.builder()
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .build()
                    .writeValueAsString(parts);
            return Sha256.of(json.getBytes(StandardCharsets.UTF_8)).sha256();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and lists of texts are JSON", e);
        }
    }

    private void refuseDuplicates() throws StepFailure {
        var seen = new TreeSet<String>();
        for (var column : columns()) {
            // DuckDB doesn't tell upper case from lower case.
            if (!seen.add(column.name().toLowerCase(Locale.ROOT))) {
                throw ViewParts.invalid(
                        name,
                        "the name " + column.name() + " is used twice (upper and lower case are the same) among keys,"
                                + " features and the columns of times");
            }
        }
    }
}
