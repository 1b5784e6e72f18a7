package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;

/** Judges whether a version may be used as far as people have to agree. Who may agree is checked on admission. */
public final class Approvals {
    private Approvals() {}

    public static Judgement judge(ModelVersion version) {
        var approval = version.getSpec().approval();
        var by = approval == null ? null : approval.approvedBy();
        if (by != null) {
            return Judgement.passed("Approved", "approved by " + by);
        }
        if (approval == null || !Boolean.TRUE.equals(approval.required())) {
            return Judgement.passed("NotRequired", "no approval is required");
        }
        return Judgement.failed(
                "AwaitingApproval",
                "somebody with the permission approve on modelversions has to approve this version: kubectl patch mv "
                        + version.getMetadata().getName() + " -n "
                        + version.getMetadata().getNamespace()
                        + " --type=merge -p '{\"spec\":{\"approval\":{\"approvedBy\":\"<your user name>\"}}}'");
    }
}
