package dev.tatara.api.v1alpha1.inferenceservice;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** InferenceService serves a version of a model over HTTP and gRPC, and rolls out the next one step by step. */
@Group("mlops.tatara.dev")
@Version("v1alpha1")
@Plural("inferenceservices")
@Singular("inferenceservice")
@ShortNames("infsvc")
@Categories({"tatara", "ml"})
@AdditionalPrinterColumn(name = "Model", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.model")
@AdditionalPrinterColumn(
        name = "Stable",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.stable.modelVersion")
@AdditionalPrinterColumn(
        name = "Candidate",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.candidate.modelVersion")
@AdditionalPrinterColumn(
        name = "Weight",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.candidate.weight")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Phase", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Replicas",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.replicas",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Revision",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.stable.revision",
        priority = 1)
@AdditionalPrinterColumn(
        name = "URL",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.url",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Message",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Progressing\")].message")
public class InferenceService extends CustomResource<InferenceServiceSpec, InferenceServiceStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    protected InferenceServiceSpec initSpec() {
        return null;
    }

    @Override
    protected InferenceServiceStatus initStatus() {
        return null;
    }
}
