package dev.tatara.api.v1alpha1.featureview;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** FeatureView computes features of entities and keeps them for training and for serving. */
@Group("mlops.tatara.dev")
@Version("v1alpha1")
@Plural("featureviews")
@Singular("featureview")
@ShortNames("fv")
@Categories({"tatara", "ml"})
@AdditionalPrinterColumn(
        name = "Entities",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.entities[*].name")
@AdditionalPrinterColumn(
        name = "Features",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.featuresCount")
@AdditionalPrinterColumn(name = "TTL", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.ttl")
@AdditionalPrinterColumn(name = "Freshness", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.freshness")
@AdditionalPrinterColumn(name = "Rows", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.rows")
@AdditionalPrinterColumn(
        name = "Online",
        type = AdditionalPrinterColumn.Type.BOOLEAN,
        jsonPath = ".spec.online.enabled")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Schedule",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.materialization.schedule.cron",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Owner",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.owner",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class FeatureView extends CustomResource<FeatureViewSpec, FeatureViewStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    protected FeatureViewSpec initSpec() {
        return null;
    }

    @Override
    protected FeatureViewStatus initStatus() {
        return null;
    }
}
