package dev.tatara.operator.driftpolicy.plan;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicyStatus.NewRowsStatus;

/** Counts the rows that a FeatureView got since they were last acted upon. */
final class RowCount {
    private RowCount() {}

    /**
     * The count as it is now; {@code null} where none is wanted.
     *
     * @param isSpent whether what was counted so far was acted upon just now
     */
    static NewRowsStatus of(Observed observed, boolean isSpent) {
        var wanted = observed.policy().getSpec().newRows();
        if (wanted == null) {
            return null;
        }
        var before = observed.status().newRows();
        var known = before != null && wanted.featureView().equals(before.featureView()) ? before : null;
        var view = observed.view();
        var rows = view == null || view.getStatus() == null
                ? null
                : view.getStatus().rows();
        if (rows == null) {
            return known == null ? new NewRowsStatus(wanted.featureView(), null, null) : known;
        }
        // A view that was computed anew may have fewer rows than before; those that come next are new all the same.
        var isAnew = known == null || known.countedFrom() == null || known.countedFrom() > rows;
        var from = isAnew || isSpent ? rows : known.countedFrom();
        return new NewRowsStatus(wanted.featureView(), from, rows - from);
    }
}
