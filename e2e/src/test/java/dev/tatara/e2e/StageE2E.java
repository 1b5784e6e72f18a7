package dev.tatara.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.e2e.cluster.KubectlResult;
import dev.tatara.e2e.cluster.OnCluster;
import dev.tatara.e2e.cluster.TestNamespace;
import dev.tatara.e2e.load.ModelEndpoint;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Stages: a claim in the spec, the verdict in the status, and services that follow the verdict. */
@OnCluster
class StageE2E {
    private final TestNamespace namespace;

    StageE2E(TestNamespace namespace) {
        this.namespace = namespace;
    }

    @Test
    void productionMovesToTheNewClaimantAndBack() {
        namespace.apply(version("1", "times-2", "Production") + "---\n" + Manifests.following("churn", "churn", 1));
        namespace.awaitServing("churn", "churn-1");
        var endpoint = new ModelEndpoint(namespace.address("churn"), "churn");
        awaitAnswer(endpoint, 2);

        namespace.apply(version("2", "times-3", "Production"));
        stage("churn-2", "Production");
        stage("churn-1", "Archived");
        namespace.awaitServing("churn", "churn-2");
        awaitAnswer(endpoint, 3);
        assertThat(namespace.modelVersion("churn-1").resource().<String>get("spec", "stage"))
                .as("nobody but the user writes a spec")
                .isEqualTo("Production");

        namespace.apply(version("2", "times-3", "None"));
        stage("churn-1", "Production");
        stage("churn-2", "None");
        namespace.awaitServing("churn", "churn-1");
        awaitAnswer(endpoint, 2);
        assertThat(namespace.modelVersion("churn-1").status("stageHistory").toString())
                .contains("Production", "Archived");
    }

    @Test
    void gateKeepsAVersionOut() {
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: ModelVersion
            metadata: {name: gated-1}
            spec:
              model: gated
              version: "1"
              source: {uri: "%s"}
              stage: Production
              metrics: {accuracy: 0.84}
              gates: [{metric: accuracy, min: 0.85}]
            """.formatted(namespace.upload("times-4")));
        namespace.awaitModelVersion("gated-1", version -> {
            version.hasCondition("Verified", "True");
            assertThat(String.valueOf(version.condition("GatesPassed").orElseThrow()))
                    .contains("False", "accuracy", "0.84", "0.85");
            version.hasCondition("Ready", "False");
            assertThat(version.status("stage")).isNotEqualTo("Production");
        });
    }

    @Test
    void approvalNeedsTheVerb() {
        namespace.apply("""
            apiVersion: mlops.tatara.dev/v1alpha1
            kind: ModelVersion
            metadata: {name: judged-1}
            spec:
              model: judged
              version: "1"
              source: {uri: "%s"}
              stage: Production
              approval: {required: true}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: editor}
            rules:
            - {apiGroups: [mlops.tatara.dev], resources: [modelversions], verbs: [get, list, watch, update, patch]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: approver}
            rules:
            - {apiGroups: [mlops.tatara.dev], resources: [modelversions], verbs: [approve]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: editors}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: editor}
            subjects:
            - {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}
            - {apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: approvers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: approver}
            subjects:
            - {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}
            """.formatted(namespace.upload("times-2")));
        namespace.awaitModelVersion("judged-1", version -> {
            version.hasCondition("Verified", "True").hasCondition("Approved", "False");
            assertThat(version.status("stage")).isNotEqualTo("Production");
        });

        assertThat(approve("bob", "bob").failed())
                .contains("approve")
                .contains("modelversions")
                .containsIgnoringCase("denied");
        assertThat(approve("alice", "bob").failed())
                .as("in somebody else's name")
                .contains("approve");
        approve("alice", "alice").succeeded();
        namespace.awaitModelVersion("judged-1", version -> {
            version.hasCondition("Approved", "True").hasCondition("Ready", "True");
            assertThat(version.status("stage")).isEqualTo("Production");
        });
    }

    private KubectlResult approve(String user, String name) {
        return namespace.kubectl(
                "patch",
                "mv",
                "judged-1",
                "--as=" + user,
                "--type=merge",
                "-p",
                "{\"spec\":{\"approval\":{\"approvedBy\":\"" + name + "\"}}}");
    }

    /** The Service has changed; every node's rules follow within moments. */
    private static void awaitAnswer(ModelEndpoint endpoint, int factor) {
        await("answers of version " + factor)
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(endpoint.ask()).isEqualTo(factor));
    }

    private void stage(String version, String stage) {
        namespace.awaitModelVersion(
                version, object -> assertThat(object.status("stage")).isEqualTo(stage));
    }

    private String version(String version, String model, String stage) {
        return Manifests.modelVersion("churn-" + version, "churn", version, namespace.upload(model), stage);
    }
}
