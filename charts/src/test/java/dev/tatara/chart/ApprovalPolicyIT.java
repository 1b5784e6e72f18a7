package dev.tatara.chart;

import static dev.tatara.chart.InstalledChart.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may approve, loosen, release and promote, as the API server sees it. */
class ApprovalPolicyIT {
    private static final String NAMESPACE = "team-a";
    private static final String EDITOR = "erin";
    private static final String APPROVER = "alice";
    private static final String GITOPS = "system:serviceaccount:argocd:argocd-application-controller";
    private static final String ADMIN_OF_NAMESPACE = "nadia";

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.start();
        for (var namespace : List.of(NAMESPACE, "team-b")) {
            chart.namespace(namespace);
            for (var user : List.of(EDITOR, APPROVER, GITOPS)) {
                chart.bind(namespace, "tatara-edit", user);
            }
        }
        chart.bind(NAMESPACE, "tatara-approver", APPROVER);
        chart.bind(NAMESPACE, "tatara-approver-for-others", GITOPS);
        chart.bind(NAMESPACE, "tatara-admin", ADMIN_OF_NAMESPACE);
        await("policies in force").atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            assertThat(refusal(() -> chart.apply(EDITOR, modelVersion(name(), "approval: {approvedBy: erin}"))))
                    .isPresent();
            assertThat(refusal(() -> chart.apply(EDITOR, service(name(), "{mlops.tatara.dev/promote: a}", ""))))
                    .isPresent();
        });
    }

    @AfterAll
    static void stop() {
        chart.close();
    }

    @Test
    void sayWhoMayApproveAndHowToGetTheRight() {
        var model = created(EDITOR, "approval: {required: true}");

        assertThat(refusal(() -> approve(EDITOR, model, EDITOR))).hasValueSatisfying(message -> assertThat(message)
                .contains("erin may not approve ModelVersion " + name(model) + " in namespace team-a: "
                        + "this takes the verb approve on modelversions.mlops.tatara.dev. Ask who administers "
                        + "the namespace for it: kubectl create rolebinding approvers -n team-a "
                        + "--clusterrole=tatara-approver --user=erin"));
    }

    @Test
    void letApproversApproveInTheirOwnName() {
        var model = created(EDITOR, "approval: {required: true}");

        assertThat(refusal(() -> approve(APPROVER, model, APPROVER))).isEmpty();
        assertThat(approvedBy(model)).isEqualTo(APPROVER);
    }

    @Test
    void keepApproversFromApprovingInTheNameOfOthers() {
        var model = created(EDITOR, "approval: {required: true}");

        assertThat(refusal(() -> approve(APPROVER, model, "bob"))).hasValueSatisfying(message -> assertThat(message)
                .contains("alice may not approve ModelVersion " + name(model)
                        + " in namespace team-a in the name of bob: set spec.approval.approvedBy to alice")
                .contains("ClusterRole tatara-approver-for-others"));
        assertThat(refusal(() -> approve(EDITOR, model, APPROVER))).isPresent();
    }

    @Test
    void letAccountsApproveForOthersWhoHaveThatVerb() {
        var model = created(GITOPS, "approval: {required: true, approvedBy: alice}");

        assertThat(approvedBy(model)).isEqualTo(APPROVER);
        assertThat(refusal(() -> approve(GITOPS, model, "bob"))).isEmpty();
        assertThat(refusal(() -> approve(GITOPS, model, GITOPS))).isEmpty();
    }

    @Test
    void checkWhatIsCreatedToo() {
        var name = name();
        assertThat(refusal(() -> chart.apply(EDITOR, modelVersion(name, "approval: {approvedBy: alice}"))))
                .isPresent();
        assertThat(refusal(() -> chart.apply(APPROVER, modelVersion(name, "approval: {approvedBy: bob}"))))
                .isPresent();
        assertThat(refusal(() -> chart.apply(APPROVER, modelVersion(name, "approval: {approvedBy: alice}"))))
                .isEmpty();
    }

    @Test
    void holdInTheNamespaceOnlyWhereTheVerbWasGiven() {
        var model = chart.apply(EDITOR, modelVersion("team-b", name(), "approval: {required: true}"));

        assertThat(refusal(() -> approve(APPROVER, model, APPROVER))).isPresent();
        assertThat(refusal(() -> approve(GITOPS, model, APPROVER))).isPresent();
    }

    @Test
    void canBeGivenForOneModelVersionByName() {
        chart.admin()
                .load(new ByteArrayInputStream("""
                        apiVersion: rbac.authorization.k8s.io/v1
                        kind: Role
                        metadata: {name: fraud-approver, namespace: team-a}
                        rules:
                          - apiGroups: [mlops.tatara.dev]
                            resources: [modelversions]
                            resourceNames: [fraud-1]
                            verbs: [get, patch, update, approve]
                        """.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
        chart.bind(NAMESPACE, "Role", "fraud-approver", "frank");
        chart.bind(NAMESPACE, "tatara-edit", "frank");
        var fraud = chart.apply(EDITOR, modelVersion("fraud-1", "approval: {required: true}"));
        var other = created(EDITOR, "approval: {required: true}");

        assertThat(refusal(() -> approve("frank", fraud, "frank"))).isEmpty();
        assertThat(refusal(() -> approve("frank", other, "frank"))).isPresent();
    }

    @Test
    void letEverybodyEditWhatSomebodyElseApproved() {
        var model = created(GITOPS, "approval: {required: true, approvedBy: alice}");

        assertThat(refusal(() -> chart.edit(EDITOR, model, edited -> {
                    edited.getMetadata().setLabels(Map.of("team", "growth"));
                    spec(edited).put("stage", "Staging");
                })))
                .isEmpty();
        assertThat(approvedBy(model)).isEqualTo(APPROVER);
    }

    @Test
    void letAnApprovedManifestBeAppliedAgain() {
        var name = name();
        var manifest =
                modelVersion(name, "approval: {required: true, approvedBy: alice}, gates: [{metric: f1, min: 1}]");
        var first = chart.apply(GITOPS, manifest);
        var second = chart.apply(GITOPS, manifest);

        assertThat(second.getMetadata().getResourceVersion())
                .isEqualTo(first.getMetadata().getResourceVersion());
        // Same values from somebody without the verb: nothing changes, so nothing is checked.
        assertThat(refusal(() -> chart.apply(EDITOR, manifest))).isEmpty();
    }

    @Test
    void takeTheVerbForWithdrawingAnApproval() {
        var model = created(GITOPS, "approval: {required: true, approvedBy: bob}");

        assertThat(refusal(() ->
                        chart.edit(EDITOR, model, edited -> approval(edited).remove("approvedBy"))))
                .hasValueSatisfying(message -> assertThat(message)
                        .contains("erin may not withdraw the approval that bob gave to ModelVersion"));
        assertThat(refusal(() ->
                        chart.edit(APPROVER, model, edited -> approval(edited).remove("approvedBy"))))
                .isEmpty();
    }

    @Test
    void letEverybodyDemandAnApprovalButNotTakeThatBack() {
        var model = created(EDITOR, "stage: None");
        assertThat(refusal(() ->
                        chart.edit(EDITOR, model, edited -> spec(edited).put("approval", Map.of("required", true)))))
                .isEmpty();

        var message = "may not take spec.approval.required back from ModelVersion";
        assertThat(refusal(() ->
                        chart.edit(EDITOR, model, edited -> approval(edited).put("required", false))))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains(message));
        assertThat(refusal(
                        () -> chart.edit(EDITOR, model, edited -> spec(edited).remove("approval"))))
                .hasValueSatisfying(refusal -> assertThat(refusal).contains(message));
        assertThat(refusal(
                        () -> chart.edit(APPROVER, model, edited -> spec(edited).remove("approval"))))
                .isEmpty();
    }

    @Test
    void letEverybodyAddGatesButNotLoosenThem() {
        var model = created(EDITOR, "gates: [{metric: accuracy, min: 0.85}]");
        Map<String, Object> accuracy = Map.of("metric", "accuracy", "min", 0.85);
        Map<String, Object> latency = Map.of("metric", "latencyP99Millis", "max", 10);

        assertThat(refusal(() -> gates(EDITOR, model, List.of(latency, accuracy))))
                .isEmpty();
        assertThat(refusal(() -> gates(EDITOR, model, List.of(latency, Map.of("metric", "accuracy", "min", 0.5)))))
                .hasValueSatisfying(message -> assertThat(message)
                        .contains("erin may add gates to ModelVersion " + name(model) + " in namespace team-a "
                                + "but not change or remove the gate on accuracy: this takes the verb approve"));
        assertThat(refusal(() -> gates(EDITOR, model, List.of())))
                .hasValueSatisfying(message -> assertThat(message).contains("latencyP99Millis, accuracy"));
        assertThat(refusal(
                        () -> chart.edit(EDITOR, model, edited -> spec(edited).remove("gates"))))
                .isPresent();
        assertThat(refusal(() -> gates(APPROVER, model, List.of(Map.of("metric", "accuracy", "min", 0.8)))))
                .isEmpty();
    }

    @Test
    void takeTheVerbForReleasingFromQuarantine() {
        var model = created(EDITOR, "stage: None");
        Consumer<GenericKubernetesResource> release =
                edited -> annotate(edited, "mlops.tatara.dev/release", "false alarm, see report 12");

        assertThat(refusal(() -> chart.edit(EDITOR, model, release))).hasValueSatisfying(message -> assertThat(message)
                .contains("erin may not release ModelVersion " + name(model) + " in namespace team-a "
                        + "from quarantine with the annotation mlops.tatara.dev/release: this takes the verb"));
        assertThat(refusal(() -> chart.edit(
                        EDITOR, model, edited -> annotate(edited, "mlops.tatara.dev/quarantine", "wrong answers"))))
                .isEmpty();
        assertThat(refusal(() -> chart.edit(APPROVER, model, release))).isEmpty();
        assertThat(refusal(() -> chart.edit(EDITOR, model, edited -> annotate(edited, "note", "unrelated"))))
                .isEmpty();
    }

    @Test
    void takeTheVerbForPromoting() {
        var service = chart.apply(EDITOR, service(name(), "{}", ""));

        assertThat(refusal(() -> chart.edit(
                        EDITOR, service, edited -> annotate(edited, "mlops.tatara.dev/promote", "55ab01c9d2/full"))))
                .hasValueSatisfying(message -> assertThat(message)
                        .contains(
                                "erin may not promote InferenceService " + name(service) + " in namespace team-a with "
                                        + "the annotation mlops.tatara.dev/promote: this takes the verb approve on "
                                        + "inferenceservices.mlops.tatara.dev. Ask who administers"));
        for (var safe : List.of("abort", "retry", "rollback")) {
            assertThat(refusal(() -> chart.edit(
                            EDITOR, service, edited -> annotate(edited, "mlops.tatara.dev/" + safe, "55ab01c9d2"))))
                    .isEmpty();
        }
        chart.bind(NAMESPACE, "tatara-approver", APPROVER);
        assertThat(refusal(() -> chart.edit(
                        APPROVER, service, edited -> annotate(edited, "mlops.tatara.dev/promote", "55ab01c9d2"))))
                .isEmpty();
        assertThat(refusal(
                        () -> chart.edit(EDITOR, service, edited -> spec(edited).put("replicas", 2))))
                .isEmpty();
        assertThat(refusal(() -> chart.edit(
                        EDITOR, service, edited -> annotate(edited, "mlops.tatara.dev/promote", "55ab01c9d2/full"))))
                .isPresent();
    }

    @Test
    void letEverybodyDemandApprovedModelsButNotTakeThatBack() {
        var service = chart.apply(EDITOR, service(name(), "{}", ", requireApproval: true"));

        assertThat(refusal(() -> chart.edit(EDITOR, service, edited -> spec(edited)
                        .put("model", Map.of("versionRef", Map.of("name", "churn-1"))))))
                .hasValueSatisfying(message -> assertThat(message)
                        .contains("erin may not take spec.model.requireApproval back from InferenceService"));
        assertThat(refusal(() -> chart.edit(APPROVER, service, edited -> spec(edited)
                        .put("model", Map.of("versionRef", Map.of("name", "churn-1"))))))
                .isEmpty();
    }

    @Test
    void letTheOperatorWriteStatusAndFinalizersOfApprovedModels() {
        var model = created(GITOPS, "approval: {required: true, approvedBy: alice}");
        var operator = chart.as(InstalledChart.OPERATOR);

        assertThat(refusal(() -> operator.resource(model)
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"Ready\"}}")))
                .isEmpty();
        assertThat(refusal(() -> operator.resource(model)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\": {\"finalizers\": [\"mlops.tatara.dev/in-use\"]}}")))
                .isEmpty();
        assertThat(refusal(() -> approve(InstalledChart.OPERATOR, model, InstalledChart.OPERATOR)))
                .isPresent();
    }

    @Test
    void letAdministratorsOfANamespaceApprove() {
        var model = created(EDITOR, "approval: {required: true}");

        assertThat(refusal(() -> approve(ADMIN_OF_NAMESPACE, model, ADMIN_OF_NAMESPACE)))
                .isEmpty();
        assertThat(refusal(() -> approve(ADMIN_OF_NAMESPACE, model, "bob"))).isPresent();
    }

    private static GenericKubernetesResource created(String user, String spec) {
        return chart.apply(user, modelVersion(name(), spec));
    }

    private static void approve(String user, GenericKubernetesResource model, String approver) {
        chart.as(user)
                .resource(model)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"approval\": {\"approvedBy\": \"" + approver + "\"}}}");
    }

    private static void gates(String user, GenericKubernetesResource model, List<Map<String, Object>> gates) {
        chart.edit(user, model, edited -> spec(edited).put("gates", gates));
    }

    private static void annotate(GenericKubernetesResource object, String key, String value) {
        var annotations = new HashMap<String, String>();
        if (object.getMetadata().getAnnotations() != null) {
            annotations.putAll(object.getMetadata().getAnnotations());
        }
        annotations.put(key, value);
        object.getMetadata().setAnnotations(annotations);
    }

    private static String approvedBy(GenericKubernetesResource model) {
        return (String) approval(chart.admin().resource(model).get()).get("approvedBy");
    }

    private static Map<String, Object> approval(GenericKubernetesResource model) {
        return map(spec(model).get("approval"));
    }

    private static Map<String, Object> spec(GenericKubernetesResource object) {
        return map(object.getAdditionalProperties().get("spec"));
    }

    @SuppressWarnings("unchecked") // what JSON objects are parsed to
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static String name(GenericKubernetesResource object) {
        return object.getMetadata().getName();
    }

    private static String name() {
        return "churn-" + COUNTER.incrementAndGet();
    }

    private static String modelVersion(String name, String spec) {
        return modelVersion(NAMESPACE, name, spec);
    }

    private static String modelVersion(String namespace, String name, String spec) {
        return """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: %s, namespace: %s}
                spec: {model: churn, version: "%s", source: {uri: "s3://models/%s.onnx"}, %s}
                """.formatted(name, namespace, name, name, spec);
    }

    private static String service(String name, String annotations, String model) {
        return """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: %s, namespace: team-a, annotations: %s}
                spec: {model: {versionRef: {name: churn-1}%s}}
                """.formatted(name, annotations, model);
    }
}
