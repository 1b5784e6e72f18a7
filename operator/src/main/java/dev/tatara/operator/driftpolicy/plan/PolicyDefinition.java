package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicy;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Reference;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.StepManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;

/**
 * The policy as a step reads it: its YAML without what doesn't matter for judging (actions, receivers, alerts, new
 * rows), in a ConfigMap that is named by its content and never changed.
 */
final class PolicyDefinition {
    /** The file inside the ConfigMap. */
    static final String FILE = "policy.yaml";

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private PolicyDefinition() {}

    /** Digest of what decides verdicts. */
    static String digest(DriftPolicy policy) {
        return Digests.of(YAML.asYaml(content(policy)), 10);
    }

    /** The name of the ConfigMap with a definition. */
    static String nameOf(DriftPolicy policy, String digest) {
        return policy.getMetadata().getName() + "-drift-" + digest;
    }

    /** The ConfigMap for the policy as it is now. */
    static ConfigMap render(DriftPolicy policy) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(nameOf(policy, digest(policy)))
                .withNamespace(policy.getMetadata().getNamespace())
                .withLabels(Labels.of(policy, "tatara-steps", EvaluationJob.COMPONENT))
                .withOwnerReferences(Owners.controller(policy))
                .endMetadata()
                .withImmutable(true)
                .addToData(FILE, YAML.asYaml(content(policy)))
                .build();
    }

    private static Map<String, Object> content(DriftPolicy policy) {
        return StepManifest.of(policy, spec(policy.getSpec()));
    }

    private static DriftPolicySpec spec(DriftPolicySpec spec) {
        return new DriftPolicySpec(
                spec.target(),
                reference(spec.reference()),
                spec.window(),
                spec.data(),
                spec.prediction(),
                spec.performance().stream().map(PolicyDefinition::mounted).toList(),
                spec.service(),
                null,
                null,
                null,
                null,
                null,
                null,
                spec.report(),
                null);
    }

    private static Reference reference(Reference reference) {
        return reference == null || reference.uri() == null
                ? reference
                : new Reference(
                        reference.baseline(),
                        ClaimUri.mounted(reference.uri()),
                        reference.window(),
                        reference.offset());
    }

    /** Labels as the pod sees them: a file in a claim lies below the folder where that is mounted. */
    private static Performance mounted(Performance performance) {
        return performance.uri() == null
                ? performance
                : new Performance(
                        performance.metric(),
                        performance.min(),
                        performance.max(),
                        performance.warn(),
                        performance.labels(),
                        ClaimUri.mounted(performance.uri()),
                        performance.window(),
                        performance.samples(),
                        performance.minSamples());
    }
}
