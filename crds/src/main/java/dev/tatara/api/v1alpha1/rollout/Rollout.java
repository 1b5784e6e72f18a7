package dev.tatara.api.v1alpha1.rollout;

import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How a service goes from one revision to the next.
 *
 * @param strategy RollingUpdate, Canary, BlueGreen, Shadow or ABTest; the block of that name applies, blocks of other
 *     names are kept for a later change of strategy. RollingUpdate where absent.
 * @param paused Holds the rollout where it is, until false again.
 * @param canary Steps by which traffic moves to the candidate.
 * @param blueGreen A candidate at full size beside stable, and one switch.
 * @param shadow Copies of requests to a candidate whose answers nobody sees.
 * @param abTest An experiment between stable and candidate on a figure of the business.
 * @param analysis What is measured while a candidate gets traffic, and what it must keep.
 * @param stepTimeout How long a step waits for enough samples or a person before the rollout pauses. 30m where absent.
 * @param progressDeadline How long a candidate may take to become ready before the rollout counts as failed. 10m where
 *     absent.
 * @param onFailure What happens when a check fails: Rollback or Pause. Rollback where absent.
 * @param scaleDownDelay How long the old revision stays at its size after the new one carries all traffic. 10m where
 *     absent.
 */
@ApiType
@ValidationRule(
        value = "!has(self.strategy) || self.strategy != 'Canary' || has(self.canary)",
        message = "strategy Canary needs the block canary: add it with its steps, or choose another strategy")
@ValidationRule(
        value = "!has(self.strategy) || self.strategy != 'ABTest' || has(self.abTest)",
        message =
                "strategy ABTest needs the block abTest: add it with its metric and sticky header, or choose another strategy")
public record Rollout(
        Strategy strategy,
        Boolean paused,
        Canary canary,
        BlueGreen blueGreen,
        Shadow shadow,
        AbTest abTest,
        Analysis analysis,
        @Positive TimeSpan stepTimeout,
        @Positive TimeSpan progressDeadline,
        OnFailure onFailure,
        TimeSpan scaleDownDelay) {

    /** The ways from one revision to the next. */
    @ApiEnum
    public enum Strategy {
        RollingUpdate,
        Canary,
        BlueGreen,
        Shadow,
        ABTest
    }

    /** What happens when a check fails. */
    @ApiEnum
    public enum OnFailure {
        Rollback,
        Pause
    }
}
