package dev.tatara.runtime.v1;

import dev.tatara.runtime.plain.FeatureReader;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Lane;

/** KServe's protocol V1, on one lane. */
public final class V1Dialects {
    private final FeatureReader reader;
    private final V1Writer writer;

    /**
     * @param probabilities whether a classifier answers probabilities instead of classes
     */
    public V1Dialects(Lane lane, boolean probabilities) {
        reader = new FeatureReader(lane.json(), lane.model());
        writer = new V1Writer(lane.model(), probabilities);
    }

    /** For one request. */
    public Dialect dialect() {
        return new V1Dialect(reader, writer);
    }
}
