package dev.tatara.api.v1alpha1.modelversion;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** ModelVersion is one version of a registered model: where its file lies, what is known about it, its stage. */
@Group("mlops.tatara.dev")
@Version("v1alpha1")
@Plural("modelversions")
@Singular("modelversion")
@ShortNames("mv")
@Categories({"tatara", "ml"})
@AdditionalPrinterColumn(name = "Model", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.model")
@AdditionalPrinterColumn(name = "Version", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.version")
@AdditionalPrinterColumn(
        name = "Claim",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.stage",
        priority = 1)
@AdditionalPrinterColumn(name = "Stage", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.stage")
@AdditionalPrinterColumn(name = "Phase", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Accuracy",
        type = AdditionalPrinterColumn.Type.NUMBER,
        jsonPath = ".spec.metrics.accuracy")
@AdditionalPrinterColumn(
        name = "Used by",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.usedBy",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Digest",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.digest",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class ModelVersion extends CustomResource<ModelVersionSpec, ModelVersionStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    protected ModelVersionSpec initSpec() {
        return null;
    }

    @Override
    protected ModelVersionStatus initStatus() {
        return null;
    }
}
