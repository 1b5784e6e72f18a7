package dev.tatara.api.v1alpha1.driftpolicy;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.Named;
import dev.tatara.api.v1alpha1.common.Positive;
import dev.tatara.api.v1alpha1.common.TimeSpan;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * What is done upon breaches.
 *
 * @param name Name of the action, as it appears in status and events.
 * @param when Kinds of breaches that count, any of them.
 * @param then Retrain the model, Rollback the service, or Notify alone.
 * @param approval Automatic, or Manual: waits for a person, who names the trigger's id with the annotation
 *     mlops.tatara.dev/approve. Where absent, Retrain is Manual unless new rows alone ask for it, and Rollback is
 *     Automatic.
 * @param consecutiveBreaches Evaluations in a row that must breach, in place of the policy's. Alerts and new rows
 *     count at once.
 * @param cooldown Time after this action in which it isn't taken again, in place of the policy's. Doubles each time it
 *     doesn't help.
 * @param within Only this long after a promotion, with Rollback. 24h where absent.
 */
@ApiType
@ValidationRule(
        value = "self.then != 'Notify' || !has(self.approval)",
        message = "approval goes with Retrain and Rollback: nobody has to agree to be told")
@ValidationRule(
        value = "self.then == 'Rollback' || !has(self.within)",
        message = "within goes with Rollback and only with it")
public record Action(
        @Required @Size(min = 1, max = Grammar.LABEL_LENGTH) @Pattern(Grammar.LABEL)
        String name,

        @Required @Size(min = 1, max = 8) List<Breach> when,
        @Required Then then,
        Approval approval,
        @Min(1) @Max(1000) Integer consecutiveBreaches,
        TimeSpan cooldown,
        @Positive TimeSpan within)
        implements Named {
    public Action {
        when = Absent.orCopy(when);
    }

    /** Kinds of breaches. */
    @ApiEnum
    public enum Breach {
        DataDrift,
        DataQuality,
        PredictionDrift,
        Performance,
        ServiceLevel,
        Alert,
        NewRows
    }

    /** What is done. */
    @ApiEnum
    public enum Then {
        Retrain,
        Rollback,
        Notify
    }

    /** Whether a person has to agree. */
    @ApiEnum
    public enum Approval {
        Automatic,
        Manual
    }
}
