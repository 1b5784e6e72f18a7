package dev.tatara.api.v1alpha1.inferenceservice;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.ArtifactStoreSpec;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.common.PodTemplate;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.Resources;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.rollout.Rollout;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;

/**
 * What is wanted of a service.
 *
 * @param model Which model answers.
 * @param replicas Number of pods. 1 where absent and there is no autoscaling.
 * @param autoscaling Lets the load decide the number of pods, in place of replicas.
 * @param resources Compute resources of the serving container.
 * @param batching Puts requests that arrive together into one run of the model.
 * @param features Looks features up by entity key, so that callers needn't send them.
 * @param logging Log of requests and answers in the artifact store.
 * @param monitoring What the pods record for drift.
 * @param protocols Protocols that are served. All of them where absent.
 * @param limits How many requests are let in.
 * @param runtime The serving image, and when a new one is taken.
 * @param traffic Who divides the traffic between revisions.
 * @param rollout How the service goes from one revision to the next.
 * @param artifactStore Artifact store for this service, in place of the operator's.
 * @param podTemplate A partial pod template, merged strategically over what the operator renders.
 */
@ApiType
@ValidationRule(
        value = "!(has(self.replicas) && has(self.autoscaling))",
        message = "expected replicas or autoscaling, found both: remove replicas to let the load decide,"
                + " or autoscaling to keep a fixed number")
public record InferenceServiceSpec(
        @Required Model model,
        @SpecReplicas @Min(0) @Max(10_000) Integer replicas,
        Autoscaling autoscaling,
        Resources resources,
        Batching batching,
        Features features,
        Logging logging,
        Monitoring monitoring,
        Protocols protocols,
        Limits limits,
        ServingRuntime runtime,
        Traffic traffic,
        Rollout rollout,
        ArtifactStoreSpec artifactStore,
        PodTemplate podTemplate) {

    /**
     * Which model answers: one version, or whichever holds a stage.
     *
     * @param versionRef One ModelVersion, by the name of the object.
     * @param follow Whichever version of a registered model holds a stage.
     * @param requireApproval Serves a version only when somebody approved it, whether or not the version asks for that.
     */
    @ApiType
    @ValidationRule(
            value = "has(self.versionRef) != has(self.follow)",
            message = "expected exactly one of versionRef and follow: name one ModelVersion with versionRef,"
                    + " or follow a stage of a registered model")
    public record Model(LocalReference versionRef, Follow follow, Boolean requireApproval) {}

    /**
     * Follows a stage of a registered model.
     *
     * @param model Name of the registered model, as in spec.model of its ModelVersions.
     * @param stage Stage to follow: Production or Staging.
     */
    @ApiType
    public record Follow(
            @Required @Size(min = 1, max = 63) @Pattern(Grammar.MODEL_NAME)
            String model,

            @Required FollowedStage stage) {}

    /** Stages that can be followed. */
    @ApiEnum
    public enum FollowedStage {
        Staging,
        Production
    }

    /**
     * Puts requests that arrive together into one run of the model.
     *
     * @param maxBatchSize Most rows in one run; 1 turns batching off.
     * @param maxDelay Longest time that a request waits for others. 0s takes along what is waiting, and waits for
     *     nothing.
     * @param maxQueue Most requests that wait; more are refused with 503.
     */
    @ApiType
    public record Batching(
            @Min(1) @Max(65_536) Integer maxBatchSize,
            TimeSpan maxDelay,
            @Min(1) @Max(1_000_000) Integer maxQueue) {}

    /**
     * Looks features up by entity key.
     *
     * @param featureViews FeatureViews to look up, in the same namespace.
     * @param timeout Longest time that a request waits for its features.
     * @param onMissing What happens with an entity that has no value. Reject: the request is refused. Default: the
     *     feature's default takes its place; refused without one. Null: the default, and without one not a number.
     *     Reject where absent.
     */
    @ApiType
    public record Features(
            @Required @Size(min = 1, max = 32) List<LocalReference> featureViews,
            @Positive TimeSpan timeout,
            OnMissing onMissing) {
        public Features {
            featureViews = Absent.orCopy(featureViews);
        }

        /** What happens with an entity that has no value. */
        @ApiEnum
        public enum OnMissing {
            Reject,
            Null,
            Default
        }
    }

    /**
     * Log of requests and answers in the artifact store.
     *
     * @param samplePercent Percentage of requests that are logged, from 0 to 100.
     * @param exclude Fields that are left out.
     * @param hash Fields whose values are replaced by a keyed hash.
     * @param retention How long the log is kept: older files are deleted by the service's pods, as long as there are
     *     any. For ever where absent.
     */
    @ApiType
    public record Logging(
            @Required @Min(0) @Max(100) Double samplePercent,
            @Size(max = 128) List<@Size(max = 256) String> exclude,
            @Size(max = 128) List<@Size(max = 256) String> hash,
            @Positive TimeSpan retention) {
        public Logging {
            exclude = Absent.orCopy(exclude);
            hash = Absent.orCopy(hash);
        }
    }

    /**
     * What the pods record for drift.
     *
     * @param pane Length of one file of sketches. 1m where absent.
     * @param samplePercent Percentage of requests that are folded into the sketches, from 0 to 100. 100 where absent.
     * @param ledger Records every prediction with its request id, which metrics against labels need. False where absent.
     */
    @ApiType
    public record Monitoring(
            @Positive TimeSpan pane, @Min(0) @Max(100) Double samplePercent, Boolean ledger) {}

    /**
     * Protocols that are served, all on one port.
     *
     * @param rest REST: the Open Inference Protocol in JSON and /predict. True where absent.
     * @param grpc gRPC: the Open Inference Protocol. True where absent.
     */
    @ApiType
    @ValidationRule(
            value = "!(has(self.rest) && !self.rest && has(self.grpc) && !self.grpc)",
            message = "a service without a protocol can't be called: leave rest or grpc true")
    public record Protocols(Boolean rest, Boolean grpc) {}

    /**
     * How many requests are let in; more are refused with 429.
     *
     * @param requestsPerSecond Requests per second and pod.
     * @param perClient Requests per second, pod and client.
     * @param clientHeader Request header that names the client, such as X-User; only what a gateway fills in can be
     *     believed. A client is an address where absent, and for requests without the header.
     */
    @ApiType
    @ValidationRule(
            value = "!(has(self.perClient) && has(self.requestsPerSecond)) || self.perClient <= self.requestsPerSecond",
            message = "perClient must not be above requestsPerSecond: one client could never reach it")
    @ValidationRule(
            value = "!has(self.clientHeader) || has(self.perClient)",
            message = "clientHeader says whom perClient counts: set perClient too, or leave clientHeader out")
    public record Limits(
            @Min(1) @Max(10_000_000) Integer requestsPerSecond,
            @Min(1) @Max(10_000_000) Integer perClient,

            @Size(min = 1, max = 256) @Pattern(Grammar.HEADER)
            String clientHeader) {}

    /**
     * The serving image.
     *
     * @param image Image in place of the operator's default.
     * @param upgrade When a new default image, or what else the operator renders differently, is taken: OnNextRollout
     *     with the next revision, Automatic at once, Manual never without a change here. OnNextRollout where absent.
     */
    @ApiType
    public record ServingRuntime(@Size(min = 1, max = 512) String image, Upgrade upgrade) {

        /** When a new default image is taken. */
        @ApiEnum
        public enum Upgrade {
            OnNextRollout,
            Automatic,
            Manual
        }
    }
}
