package dev.tatara.operator.featureview;

import dev.tatara.operator.kubernetes.EventReason;

/** Reasons of the events about a FeatureView. */
public enum FeatureViewEvent implements EventReason {
    MaterializationStarted("Normal", "Materialize"),
    Materialized("Normal", "Materialize"),
    MaterializationFailed("Warning", "Materialize"),
    MaterializationRejected("Warning", "Materialize"),
    MaterializationHeldUp("Warning", "Materialize"),
    ChecksFailed("Warning", "CheckRows"),
    NotAccepted("Warning", "Accept"),
    BackfillRefused("Warning", "Backfill");

    private final String type;
    private final String action;

    FeatureViewEvent(String type, String action) {
        this.type = type;
        this.action = action;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String action() {
        return action;
    }
}
