package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.TimeSpan;

/**
 * A candidate at full size beside stable, and one switch of all traffic.
 *
 * @param preview Gives the candidate an address of its own before the switch; see status.previewUrl.
 * @param autoPromote Switches as soon as prePromotion has passed, without waiting for a person.
 * @param prePromotion What must pass before the switch.
 * @param postPromotion What must pass after the switch; until then the old revision stays at its size.
 */
@ApiType
public record BlueGreen(Boolean preview, Boolean autoPromote, Trial prePromotion, Trial postPromotion) {

    /**
     * A time of watching.
     *
     * @param hold How long it lasts at least.
     * @param analysis What is measured; the rollout's analysis where absent.
     */
    @ApiType
    public record Trial(TimeSpan hold, Analysis analysis) {}
}
