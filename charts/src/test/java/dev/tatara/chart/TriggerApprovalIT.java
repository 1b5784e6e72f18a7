package dev.tatara.chart;

import static dev.tatara.chart.InstalledChart.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may agree to what a DriftPolicy asks for, as the API server sees it. */
class TriggerApprovalIT {
    private static final String NAMESPACE = "team-a";
    private static final String EDITOR = "erin";
    private static final String APPROVER = "alice";
    private static final String GITOPS = "system:serviceaccount:argocd:argocd-application-controller";

    private static final String ASKS = "{name: retrain, when: [DataDrift], then: Retrain}";
    private static final String ROWS = "{name: rows, when: [NewRows], then: Retrain}";
    private static final String BACK = "{name: back, when: [ServiceLevel], then: Rollback}";
    private static final String TELL = "{name: tell, when: [DataDrift], then: Notify}";

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static InstalledChart chart;

    @BeforeAll
    static void install() {
        chart = InstalledChart.start();
        chart.namespace(NAMESPACE);
        chart.bind(NAMESPACE, "tatara-edit", EDITOR);
        chart.bind(NAMESPACE, "tatara-approver", APPROVER);
        chart.bind(NAMESPACE, "tatara-edit", GITOPS);
        chart.bind(NAMESPACE, "tatara-approver-for-others", GITOPS);
        await("policy in force").atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            var policy = policy(ASKS);
            assertThat(approve(EDITOR, policy, "retrain-1-0a1b2c")).isPresent();
        });
    }

    @AfterAll
    static void stop() {
        chart.close();
    }

    @Test
    void sayWhoMayApproveAndHowToGetTheRight() {
        var policy = policy(ASKS);

        assertThat(approve(EDITOR, policy, "retrain-1-0a1b2c")).hasValueSatisfying(message -> assertThat(message)
                .contains("erin may not approve what DriftPolicy " + name(policy)
                        + " in namespace team-a asks for with the annotation mlops.tatara.dev/approve: "
                        + "this takes the verb approve on driftpolicies.mlops.tatara.dev. Ask who administers "
                        + "the namespace for it: kubectl create rolebinding approvers -n team-a "
                        + "--clusterrole=tatara-approver --user=erin"));
    }

    @Test
    void letApproversApprove() {
        var policy = policy(ASKS);

        assertThat(approve(APPROVER, policy, "retrain-1-0a1b2c")).isEmpty();
        // What is approved may be edited and applied again by everybody, and approved no further.
        assertThat(patch(EDITOR, policy, "{\"spec\": {\"consecutiveBreaches\": 2}}"))
                .isEmpty();
        assertThat(approve(EDITOR, policy, "retrain-1-0a1b2c")).isEmpty();
        assertThat(approve(EDITOR, policy, "retrain-2-0a1b2c")).isPresent();
        assertThat(approve(GITOPS, policy, "retrain-2-0a1b2c")).isEmpty();
        assertThat(approve(EDITOR, policy, null)).isEmpty();
    }

    @Test
    void askForEvaluationsFreely() {
        assertThat(patch(
                        EDITOR,
                        policy(ASKS),
                        "{\"metadata\": {\"annotations\": {\"mlops.tatara.dev/evaluate\": \"now\"}}}"))
                .isEmpty();
    }

    /** By name, by another name, for more reasons, and where asking was only the default. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}",
                "{name: anew, when: [DataDrift], then: Retrain, approval: Automatic}",
                ASKS + ", {name: rows, when: [NewRows, DataDrift], then: Retrain, approval: Automatic}",
                ASKS + ", {name: more, when: [NewRows], then: Retrain}",
            })
    void takeTheVerbForNotAskingAnyMore(String loosened) {
        var policy = policy(ASKS + ", " + ROWS);

        assertThat(actions(EDITOR, policy, loosened)).hasValueSatisfying(message -> assertThat(message)
                .contains(
                        "erin may not let DriftPolicy " + name(policy) + " in namespace team-a Retrain without asking")
                .contains("takes the verb approve on driftpolicies.mlops.tatara.dev"));
        assertThat(actions(APPROVER, policy, loosened)).isEmpty();
    }

    @Test
    void takeTheVerbForRollingBackWithoutAskingAfterAskingWasDemanded() {
        var policy = policy("{name: back, when: [ServiceLevel], then: Rollback, approval: Manual}");

        assertThat(actions(EDITOR, policy, BACK)).hasValueSatisfying(message -> assertThat(message)
                .contains(" Rollback without asking, where it asked before (action back)"));
    }

    /** What asks more, does less, is of another kind, or was so before. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                ROWS,
                TELL,
                ASKS + ", " + ROWS + ", " + BACK + ", " + TELL,
                "{name: retrain, when: [DataDrift, Performance], then: Retrain, approval: Manual}, " + ROWS,
                "{name: rows, when: [NewRows], then: Retrain, approval: Manual}",
            })
    void changeOtherThingsFreely(String changed) {
        assertThat(actions(EDITOR, policy(ASKS + ", " + ROWS), changed)).isEmpty();
    }

    @Test
    void createPoliciesThatAskNobody() {
        assertThat(refusal(() -> policy("{name: retrain, when: [DataDrift], then: Retrain, approval: Automatic}")))
                .isEmpty();
        assertThat(refusal(() -> chart.apply(EDITOR, manifest("{mlops.tatara.dev/approve: a}", ASKS))))
                .isPresent();
    }

    @Test
    void letTheOperatorWriteStatus() {
        var policy = policy(ASKS);
        var operator = chart.as(InstalledChart.OPERATOR);

        assertThat(refusal(() -> operator.resource(policy)
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"breaches\": 3}}")))
                .isEmpty();
    }

    private static Optional<String> approve(String user, GenericKubernetesResource policy, String id) {
        return patch(
                user,
                policy,
                "{\"metadata\": {\"annotations\": {\"mlops.tatara.dev/approve\": %s}}}"
                        .formatted(id == null ? "null" : "\"" + id + "\""));
    }

    private static Optional<String> actions(String user, GenericKubernetesResource policy, String actions) {
        return refusal(() -> {
            var changed = chart.admin()
                    .getKubernetesSerialization()
                    .unmarshal(manifest("{}", actions), GenericKubernetesResource.class);
            chart.edit(user, policy, edited -> edited.getAdditionalProperties()
                    .put("spec", changed.getAdditionalProperties().get("spec")));
        });
    }

    private static Optional<String> patch(String user, GenericKubernetesResource policy, String patch) {
        return refusal(() -> chart.as(user).resource(policy).patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    private static GenericKubernetesResource policy(String actions) {
        return chart.apply(EDITOR, manifest("{}", actions));
    }

    private static String manifest(String annotations, String actions) {
        return """
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: DriftPolicy
                metadata: {name: churn-%d, namespace: team-a, annotations: %s}
                spec: {target: {inferenceService: churn}, data: {share: 0.3}, actions: [%s]}
                """.formatted(COUNTER.incrementAndGet(), annotations, actions);
    }

    private static String name(GenericKubernetesResource object) {
        return object.getMetadata().getName();
    }
}
