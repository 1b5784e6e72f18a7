package dev.tatara.runtime.plain;

import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Lane;

/** Plain JSON for people, on one lane. */
public final class PlainDialects {
    private final FeatureReader reader;
    private final PredictionWriter writer;

    public PlainDialects(Lane lane) {
        reader = new FeatureReader(lane.json(), lane.model());
        writer = new PredictionWriter(lane.model());
    }

    /** For one request to {@code /predict}. */
    public Dialect one() {
        return new PlainDialect(reader, writer, false);
    }

    /** For one request to {@code /predict/batch}. */
    public Dialect batch() {
        return new PlainDialect(reader, writer, true);
    }
}
