package dev.tatara.operator.modelversion.plan;

import dev.tatara.contracts.ModelInspection;
import dev.tatara.contracts.StepResult;
import dev.tatara.operator.steps.StepTerms;

/** How inspections are read and spoken of. */
public final class InspectionTerms {
    /** Reason of an inspection that goes on as it should. */
    public static final String UNDER_WAY = "Verifying";

    static final String STEP = "inspect-model";

    private InspectionTerms() {}

    static StepTerms<ModelInspection> of(InspectionSettings settings) {
        return new StepTerms<>(
                STEP,
                InspectionJob.CONTAINER,
                ModelInspection.class,
                settings.image(),
                "the inspection",
                "inspects the file",
                UNDER_WAY,
                "InspectionTimedOut",
                "InspectionCrashed",
                settings.deadline(),
                "if the file is large or its source slow, raise the operator's tatara.operator.verification.deadline",
                StepResult.rejected(
                        STEP,
                        "OutOfMemory",
                        "the model needs more memory than the " + settings.memoryLimit() + " an inspection may use"
                                + "; make it smaller, or raise the operator's tatara.operator.verification.memory-limit"
                                + " (and give the serving pods as much)",
                        null));
    }
}
