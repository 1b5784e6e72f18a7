package dev.tatara.api.v1alpha1.driftpolicy;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** DriftPolicy watches what a service is asked and answers, and acts when it drifts. */
@Group("mlops.tatara.dev")
@Version("v1alpha1")
@Plural("driftpolicies")
@Singular("driftpolicy")
@ShortNames("drift")
@Categories({"tatara", "ml"})
@AdditionalPrinterColumn(
        name = "Service",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.target.inferenceService")
@AdditionalPrinterColumn(
        name = "Share",
        type = AdditionalPrinterColumn.Type.NUMBER,
        jsonPath = ".status.lastEvaluation.driftedShare")
@AdditionalPrinterColumn(
        name = "Drifted",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.lastEvaluation.drifted")
@AdditionalPrinterColumn(
        name = "Prediction",
        type = AdditionalPrinterColumn.Type.NUMBER,
        jsonPath = ".status.lastEvaluation.prediction.statistic")
@AdditionalPrinterColumn(
        name = "Performance",
        type = AdditionalPrinterColumn.Type.NUMBER,
        jsonPath = ".status.lastEvaluation.performance[0].value")
@AdditionalPrinterColumn(name = "Breaches", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.breaches")
@AdditionalPrinterColumn(name = "Phase", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class DriftPolicy extends CustomResource<DriftPolicySpec, DriftPolicyStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    protected DriftPolicySpec initSpec() {
        return null;
    }

    @Override
    protected DriftPolicyStatus initStatus() {
        return null;
    }
}
