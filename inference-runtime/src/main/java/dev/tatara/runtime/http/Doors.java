package dev.tatara.runtime.http;

import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.plain.PlainDialects;
import dev.tatara.runtime.serving.Lane;
import dev.tatara.runtime.settings.RuntimeSettings;
import dev.tatara.runtime.v1.V1Dialects;
import dev.tatara.runtime.v2.V2Dialects;

/**
 * What reads and writes the protocols of REST on one lane.
 *
 * @param inferPath where nearly all requests of V2 go
 */
record Doors(Lane lane, V2Dialects v2, V1Dialects v1, PlainDialects plain, String inferPath) {
    static Doors of(Lane lane, RuntimeSettings settings) {
        return new Doors(
                lane,
                new V2Dialects(lane),
                new V1Dialects(lane, settings.protocols().v1Probabilities()),
                new PlainDialects(lane),
                ModelPath.V2 + lane.model().name() + "/infer");
    }

    ServedModel model() {
        return lane.model();
    }
}
