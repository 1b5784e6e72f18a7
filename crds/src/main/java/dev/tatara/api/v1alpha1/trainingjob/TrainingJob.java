package dev.tatara.api.v1alpha1.trainingjob;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** TrainingJob trains a model again and again, judges what comes out and registers what is good enough. */
@Group("mlops.tatara.dev")
@Version("v1alpha1")
@Plural("trainingjobs")
@Singular("trainingjob")
@ShortNames("tj")
@Categories({"tatara", "ml"})
@AdditionalPrinterColumn(name = "Model", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.model")
@AdditionalPrinterColumn(name = "Runs", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.latestRun")
@AdditionalPrinterColumn(name = "Active", type = AdditionalPrinterColumn.Type.INTEGER, jsonPath = ".status.activeRun")
@AdditionalPrinterColumn(name = "Phase", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Run", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".status.runs[0].phase")
@AdditionalPrinterColumn(
        name = "Last success",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.lastSuccessfulRun")
@AdditionalPrinterColumn(
        name = "Progress",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.runs[0].progressPercent",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Next",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".status.nextScheduleTime",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Schedule",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".spec.triggers.schedule.cron",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Suspended",
        type = AdditionalPrinterColumn.Type.BOOLEAN,
        jsonPath = ".spec.suspend",
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class TrainingJob extends CustomResource<TrainingJobSpec, TrainingJobStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    protected TrainingJobSpec initSpec() {
        return null;
    }

    @Override
    protected TrainingJobStatus initStatus() {
        return null;
    }
}
