package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * The latest verdict of a check on a table.
 *
 * @param type What was checked.
 * @param column Column that was checked, where the check is about one.
 * @param value What was found.
 * @param threshold The bound that was compared with.
 * @param verdict Passed, Failed or InsufficientData.
 * @param violations Rows that broke the rule.
 * @param onFailure What a failure led to: Alert, Block or Log.
 */
@ApiType
public record DataCheckStatus(
        DataCheck.Type type,
        @Size(max = Grammar.IDENTIFIER_LENGTH) String column,
        Double value,
        Double threshold,
        Verdict verdict,
        @Min(0) Long violations,
        DataCheck.OnFailure onFailure) {

    /** The answers of a check. */
    @ApiEnum
    public enum Verdict {
        Passed,
        Failed,
        InsufficientData
    }
}
