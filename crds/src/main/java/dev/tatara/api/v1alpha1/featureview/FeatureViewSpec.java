package dev.tatara.api.v1alpha1.featureview;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.api.v1alpha1.common.DataCheck;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.Schedule;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * What is wanted of a view of features.
 *
 * @param description What the features are about.
 * @param entities Entities that the features belong to; together they are the key.
 * @param features Features of the view.
 * @param ttl How long a value counts after its time; 0s for ever. 0s where absent.
 * @param source Where raw rows come from.
 * @param checks What must hold of the rows before they are written.
 * @param materialization When and how features are computed.
 * @param online Online store that serving looks features up in.
 * @param push Takes rows over HTTP besides the source.
 * @param snapshots Versioned snapshots in the artifact store.
 * @param engine What computes the features.
 * @param artifactStore Artifact store for this view, in place of the operator's.
 * @param owner Who answers for the features: a team or a person.
 * @param tags Tags to find the view by.
 */
@ApiType
public record FeatureViewSpec(
        @Size(max = 4096) String description,
        @Required @Size(min = 1, max = 8) List<Entity> entities,
        @Required @Size(min = 1, max = 1024) List<Feature> features,
        TimeSpan ttl,
        @Required Source source,
        @Size(max = 128) List<DataCheck> checks,
        Materialization materialization,
        Online online,
        Push push,
        Snapshots snapshots,
        Engine engine,
        ArtifactStoreSpec artifactStore,
        @Size(max = 256) String owner,
        @Size(max = 64) Map<String, @Size(max = 256) String> tags) {
    public FeatureViewSpec {
        entities = Absent.orCopy(entities);
        features = Absent.orCopy(features);
        checks = Absent.orCopy(checks);
        tags = Absent.orCopy(tags);
    }

    /**
     * An entity that features belong to.
     *
     * @param name Name of the entity.
     * @param joinKey Column that holds its key. The name where absent.
     * @param type Type of the key.
     * @param description What the entity is.
     */
    @ApiType
    @ValidationRule(
            value = "!self.type.endsWith('_LIST') && !(self.type in ['FLOAT', 'DOUBLE'])",
            message = "a key is BYTES, STRING, INT32, INT64, BOOL or UNIX_TIMESTAMP: choose one of these")
    public record Entity(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String name,

            @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String joinKey,

            @Required ValueType type,
            @Size(max = 1024) String description)
            implements Named {}

    /**
     * One feature.
     *
     * @param name Name of the feature, and of its column.
     * @param type Type of its values.
     * @param description What the feature tells.
     * @param defaultValue Value in place of one that is missing, written as a text.
     * @param sensitive Keeps values out of logs, reports and messages.
     */
    @ApiType
    public record Feature(
            @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
            String name,

            @Required ValueType type,
            @Size(max = 1024) String description,
            @Size(max = 256) String defaultValue,
            Boolean sensitive)
            implements Named {}

    /**
     * When and how features are computed.
     *
     * @param schedule When features are computed.
     * @param mode Incremental since the last time, or Full. Incremental where absent.
     * @param lookback How long before the last time an incremental run begins, for rows that come late.
     * @param suspend Computes nothing until false again.
     */
    @ApiType
    public record Materialization(Schedule schedule, Mode mode, TimeSpan lookback, Boolean suspend) {

        /** How much is computed. */
        @ApiEnum
        public enum Mode {
            Incremental,
            Full
        }
    }

    /**
     * Online store that serving looks features up in.
     *
     * @param enabled Whether features are written to the store.
     * @param project Project in the store's keys, as Feast has it. The namespace where absent.
     * @param redis A Redis.
     * @param keyTtl How long the store keeps a key after its last write.
     */
    @ApiType
    @ValidationRule(
            value = "!has(self.enabled) || !self.enabled || has(self.redis)",
            message = "an online store that is enabled needs the block redis")
    public record Online(
            Boolean enabled,

            @Size(min = 1, max = 63) @Pattern("^[A-Za-z0-9_-]+$")
            String project,

            Redis redis,
            @Positive TimeSpan keyTtl) {}

    /**
     * A Redis.
     *
     * @param secretRef Secret with url, or host, port, username and password, and ca.crt where needed.
     */
    @ApiType
    public record Redis(@Required LocalReference secretRef) {}

    /**
     * Takes rows over HTTP.
     *
     * @param enabled Whether rows are taken.
     */
    @ApiType
    public record Push(Boolean enabled) {}

    /**
     * Versioned snapshots.
     *
     * @param keep How many are kept. 10 where absent.
     */
    @ApiType
    public record Snapshots(@Min(1) @Max(10_000) Integer keep) {}

    /**
     * What computes the features.
     *
     * @param type DuckDB in one pod, or Spark on Kubernetes. DuckDB where absent.
     * @param spark How Spark runs, with type Spark.
     */
    @ApiType
    @ValidationRule(
            value = "!has(self.type) || self.type != 'Spark' || has(self.spark)",
            message = "engine Spark needs the block spark with its image")
    public record Engine(Type type, Spark spark) {

        /** What computes the features. */
        @ApiEnum
        public enum Type {
            DuckDB,
            Spark
        }
    }

    /**
     * How Spark runs.
     *
     * @param master URL of the master. The cluster itself where absent.
     * @param image Image of driver and executors.
     * @param executors Number of executors. 2 where absent.
     */
    @ApiType
    public record Spark(
            @Size(min = 1, max = Grammar.URI_LENGTH) String master,
            @Required @Size(min = 1, max = 512) String image,
            @Min(1) @Max(1000) Integer executors) {}
}
