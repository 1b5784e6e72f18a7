package dev.tatara.steps.drift;

import dev.tatara.statistics.Pane;
import java.util.Optional;

/**
 * What live data are compared with.
 *
 * @param pane its sketches; nothing where there is none
 * @param words what it is, or why there is none, for people
 * @param broken whether it should be there and can't be read
 */
record ReferenceData(Optional<Pane> pane, String words, boolean broken) {
    static ReferenceData of(Pane pane, String words) {
        return new ReferenceData(Optional.of(pane), words, false);
    }

    static ReferenceData none(String why) {
        return new ReferenceData(Optional.empty(), why, false);
    }

    static ReferenceData broken(String why) {
        return new ReferenceData(Optional.empty(), why, true);
    }
}
