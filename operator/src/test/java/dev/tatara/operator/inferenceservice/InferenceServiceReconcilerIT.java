package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.featureview.FeatureView;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.operator.testing.MortalClient;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** The reconciler against a real API server: what becomes of what users ask for. */
class InferenceServiceReconcilerIT extends InferenceServiceScene {

    @Test
    void aMissingModelVersionIsWaitedFor() {
        start(MortalClient.immortal(api));
        apply("replicas: 2, model: {versionRef: {name: churn-1}}");
        awaitCondition("Ready", "False", "ModelVersionNotFound");

        ready(version(1));

        awaitCondition("Ready", "True", "Serving");
        awaitCondition("UpToDate", "True", "AsSpecified");
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
        assertThat(eventsAbout("churn")).contains("Waiting", "Ready", "Promoted");
    }

    @Test
    void featureViewsAreWaitedForAndTheirDefinitionsRolledOut() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}, features: {featureViews: [{name: activity}]},"
                + " rollout: {scaleDownDelay: 1s}");
        awaitCondition("UpToDate", "False", "FeatureViewNotFound");

        view("24h", "online: {enabled: false}");
        awaitCondition("UpToDate", "False", "FeatureViewNotOnline");
        assertThat(message("Ready")).contains("activity", "spec.online.enabled");

        view("24h", "online: {enabled: true, redis: {secretRef: {name: redis}}}");
        awaitServed("churn-1");
        var first = status().stable().revision();
        assertThat(owned(ConfigMap.class)).singleElement().satisfies(configuration -> assertThat(
                        configuration.getData().get("features.json"))
                .contains("\"activity\"", "PT24H"));

        view("1h", "online: {enabled: true, redis: {secretRef: {name: redis}}}");
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(isServed("churn-1")).isTrue();
            assertThat(status().stable().revision()).isNotEqualTo(first);
        });
        await().atMost(LIMIT).untilAsserted(() -> assertThat(owned(Deployment.class))
                .singleElement()
                .satisfies(deployment -> assertThat(
                                deployment.getSpec().getTemplate().getSpec().getVolumes())
                        .anyMatch(volume -> volume.getSecret() != null
                                && volume.getSecret().getSecretName().equals("redis"))));
    }

    private void view(String ttl, String online) {
        var view = Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: FeatureView
                metadata: {name: activity, namespace: %s}
                spec:
                  entities: [{name: user_id, type: INT64}]
                  features: [{name: logins, type: INT64}]
                  source: {uri: 's3://raw/x.parquet', timestampColumn: at}
                  ttl: %s
                  %s
                """.formatted(namespace, ttl, online), FeatureView.class);
        api.client().resource(view).forceConflicts().serverSideApply();
    }

    @Test
    void aNewProductionVersionIsRolledOutAndTheOldPodsGo() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {follow: {model: churn, stage: Production}}, rollout: {scaleDownDelay: 1s}");
        awaitServed("churn-1");

        ready(version(2));

        awaitServed("churn-2");
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(owned(Deployment.class)).hasSize(1);
            assertThat(owned(PodDisruptionBudget.class)).hasSize(1);
            assertThat(owned(ConfigMap.class)).hasSize(1);
        });
        assertThat(owned(ControllerRevision.class))
                .as("frozen revisions are kept")
                .hasSize(2);
        assertThat(status().history())
                .extracting(outcome -> outcome.modelVersion())
                .containsExactly("churn-2", "churn-1");
    }

    @Test
    void aPolicyTakesAServiceBackToWhatItServedBefore() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {follow: {model: churn, stage: Production}}, rollout: {scaleDownDelay: 1s}");
        awaitServed("churn-1");
        ready(version(2));
        awaitServed("churn-2");
        var bad = status().stable();

        askToGoBack();

        await().atMost(LIMIT).untilAsserted(() -> assertThat(status().phase()).isEqualTo(Phase.RolledBack));
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
        assertThat(status().rejected()).singleElement().satisfies(rejection -> {
            assertThat(rejection.revision()).isEqualTo(bad.revision());
            assertThat(rejection.digest()).isEqualTo(bad.digest());
            assertThat(rejection.quarantine()).isTrue();
        });
        assertThat(status().handled().triggers()).containsEntry("watch/back", "back-1");
        awaitEvents("churn", "RolledBack");
        awaitQuiet();
        assertThat(status().stable().modelVersion()).isEqualTo("churn-1");
    }

    @Test
    void aStrangersServiceIsNotTakenOver() {
        var strangers = new ServiceBuilder()
                .withNewMetadata()
                .withName("churn")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "somebody-elses")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
        api.client().resource(strangers).create();
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}}");

        awaitCondition("Accepted", "False", "NameTaken");
        assertThat(api.client().resource(strangers).get().getSpec().getSelector())
                .containsEntry("app", "somebody-elses");
    }

    @Test
    void aPodTemplateThatTheServerRefusesIsSaidAndNotRolledOut() {
        start(MortalClient.immortal(api));
        ready(version(1));
        apply("model: {versionRef: {name: churn-1}},"
                + " podTemplate: {spec: {containers: [{name: runtime, imagePullPolicy: Sometimes}]}}");
        awaitCondition("Accepted", "False", "InvalidPodTemplate");
        assertThat(owned(Deployment.class)).isEmpty();
        assertThat(message("Accepted")).contains("imagePullPolicy").contains("Sometimes");

        apply("model: {versionRef: {name: churn-1}},"
                + " podTemplate: {spec: {containers: [{name: runtime, image: mine}]}}");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(message("Accepted")).contains("spec.containers[runtime].image"));

        apply("model: {versionRef: {name: churn-1}}");
        awaitServed("churn-1");
    }
}
