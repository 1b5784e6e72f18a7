package dev.tatara.operator.modelversion;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.ModelSignature;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.TensorSpec;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.modelversion.plan.InspectionJob;
import dev.tatara.operator.testing.StepJobs;
import dev.tatara.testing.KubeApi;
import java.util.List;
import java.util.Map;

/** What inspections find in these tests, and who plays them. */
public final class Inspections {
    private static final String OWNER = Labels.GROUP + "/modelversion";
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(new TensorSpec("features", "FP32", List.of(-1L, 5L))),
            List.of(new TensorSpec("label", "INT64", List.of(-1L))));

    private Inspections() {}

    public static StepJobs<ModelInspection> on(KubeApi api) {
        return new StepJobs<>(
                api,
                InspectionJob.SELECTOR,
                InspectionJob.CONTAINER,
                OWNER,
                job -> success(job.getMetadata().getLabels().get(OWNER)));
    }

    static StepResult<ModelInspection> success(String version) {
        var digest = digestOf(version);
        return StepResult.succeeded(
                "inspect-model",
                "verified",
                new ModelInspection(
                        "sha256:" + digest,
                        48_211,
                        "s3://tatara/models/sha256/" + digest,
                        17,
                        SIGNATURE,
                        false,
                        Map.of("latencyP99Millis", 0.4)));
    }

    /** The digest that a version's file has. */
    static String digestOf(String version) {
        return "%064x".formatted(version.hashCode() & 0xffffffffL);
    }
}
