package dev.tatara.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.RevisionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Signature;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.StageChange;
import dev.tatara.api.v1alpha1.modelversion.ModelVersionStatus.Tensor;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people and programs get from the API server: columns, explanations, scale, status. */
class ServerIT {
    private static final Instant NOW = Instant.parse("2026-11-02T03:04:05Z");

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    @BeforeAll
    static void start() {
        api.installCrds(Manifests.FOLDER);
    }

    @Test
    void aStatusComesBackAsItWasWritten() {
        ModelVersion version = create(ModelVersion.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: churn-3}
                spec: {model: churn, version: "3", source: {uri: s3://models/churn/3/model.onnx}, metrics: {accuracy: 0.941}}
                """);
        ModelVersionStatus status = new ModelVersionStatus(
                1L,
                ModelVersionStatus.Phase.Ready,
                Stage.Production,
                "sha256:" + "0".repeat(64),
                48_211L,
                17,
                "s3://tatara/models/sha256/" + "0".repeat(64),
                new Signature(
                        List.of(new Tensor("features", "FP32", List.of(-1L, 5L), List.of())),
                        List.of(new Tensor("label", "INT64", List.of(-1L), List.of())),
                        false),
                null,
                List.of("stays", "leaves"),
                Map.of("latencyP99Millis", 0.25),
                List.of("churn"),
                List.of(new StageChange(Stage.Production, NOW, "highest version that claims it")),
                null,
                null,
                null,
                List.of(new Condition("Ready", ConditionStatus.True, 1L, NOW, "Verified", "")));
        version.setStatus(status);

        assertThat(api.client()
                        .resource(version)
                        .inNamespace("default")
                        .updateStatus()
                        .getStatus())
                .isEqualTo(status);
        assertThat(api.kubectl("get", "mv", "churn-3", "-n", "default").lines().toList())
                .satisfiesExactly(
                        header -> assertThat(header.split("\\s+"))
                                .containsExactly("NAME", "MODEL", "VERSION", "STAGE", "PHASE", "ACCURACY", "AGE"),
                        row -> assertThat(row).containsPattern("churn-3 +churn +3 +Production +Ready +0.941"));
        assertThat(api.kubectl("get", "mv", "churn-3", "-n", "default", "-o", "wide"))
                .contains("DIGEST", "sha256:000", "USED BY", "churn");
        assertThat(api.kubectl("wait", "-n", "default", "--for=condition=Ready", "mv/churn-3", "--timeout=30s"))
                .contains("condition met");
    }

    @Test
    void aConditionWithoutAReasonIsRefused() {
        ModelVersion version = create(ModelVersion.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: no-reason}
                spec: {model: churn, version: "1", source: {uri: s3://models/churn/1/model.onnx}}
                """);

        assertThat(api.kubectl(
                        "patch",
                        "mv/" + version.getMetadata().getName(),
                        "-n",
                        "default",
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"not a word\","
                                + "\"message\":\"\",\"lastTransitionTime\":\"yesterday\"}]}}"))
                .contains("status.conditions[0].reason: Invalid value: \"not a word\"")
                .contains("status.conditions[0].lastTransitionTime: Invalid value: \"yesterday\"");
    }

    @Test
    void servicesScaleAndShowTheirRollout() {
        InferenceService service = create(InferenceService.class, """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: churn}
                spec: {model: {versionRef: {name: churn-3}}, replicas: 1}
                """);
        service.setStatus(new InferenceServiceStatus(
                1L,
                InferenceServiceStatus.Phase.Progressing,
                "http://churn.default.svc",
                null,
                "churn",
                new RevisionStatus("churn-2", "7d9f000000", null, null, 75, 75, 3, 3, NOW),
                new RevisionStatus("churn-3", "55ab000000", null, null, 25, 25, 1, 1, NOW),
                null,
                List.of(),
                List.of(),
                4,
                "mlops.tatara.dev/inferenceservice=churn",
                null,
                List.of(new Condition("Ready", ConditionStatus.True, 1L, NOW, "Serving", ""))));
        api.client().resource(service).inNamespace("default").updateStatus();

        assertThat(api.kubectl("get", "infsvc", "churn", "-n", "default")
                        .lines()
                        .toList())
                .satisfiesExactly(
                        header -> assertThat(header.split("\\s+"))
                                .containsExactly(
                                        "NAME",
                                        "MODEL",
                                        "STABLE",
                                        "CANDIDATE",
                                        "WEIGHT",
                                        "READY",
                                        "PHASE",
                                        "AGE",
                                        "MESSAGE"),
                        row -> assertThat(row)
                                .containsPattern("churn +churn +churn-2 +churn-3 +25 +True +Progressing +\\d+s +$"));
        assertThat(api.kubectl("scale", "infsvc/churn", "-n", "default", "--replicas=5"))
                .contains("scaled");
        assertThat(api.client()
                        .resources(InferenceService.class)
                        .inNamespace("default")
                        .withName("churn")
                        .get()
                        .getSpec()
                        .replicas())
                .isEqualTo(5);
        assertThat(api.kubectl(
                        "get",
                        "--raw",
                        "/apis/mlops.tatara.dev/v1alpha1/namespaces/default/inferenceservices/churn/scale"))
                .contains("\"selector\":\"mlops.tatara.dev/inferenceservice=churn\"")
                .contains("\"replicas\":4");
    }

    @Test
    void categoriesListEveryKind() {
        assertThat(api.kubectl("api-resources", "--categories=tatara", "-o", "name")
                        .lines())
                .containsExactlyInAnyOrder(
                        "modelversions.mlops.tatara.dev",
                        "inferenceservices.mlops.tatara.dev",
                        "trainingjobs.mlops.tatara.dev",
                        "featureviews.mlops.tatara.dev",
                        "driftpolicies.mlops.tatara.dev");
    }

    @Test
    void fieldsExplainThemselves() {
        assertThat(api.kubectl("explain", "infsvc.spec.rollout.canary.steps.weight"))
                .contains("Percentage of the traffic that the candidate gets.");
        assertThat(api.kubectl("explain", "mv.spec.source.secretRef"))
                .contains("AWS_ACCESS_KEY_ID")
                .contains("AWS_SECRET_ACCESS_KEY");
    }

    private static <T extends HasMetadata> T create(Class<T> type, String yaml) {
        return api.client()
                .resource(Serialization.unmarshal(yaml, type))
                .inNamespace("default")
                .create();
    }
}
