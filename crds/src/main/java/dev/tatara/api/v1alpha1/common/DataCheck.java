package dev.tatara.api.v1alpha1.common;

import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Something that must hold of a table. A bound is the last good value.
 *
 * @param type What is checked: NullRatio, Schema, Range, DuplicateRatio, Freshness, Mean, UniqueRatio, RowCount, InSet
 *     or Regex.
 * @param column Column that is checked, where the check is about one.
 * @param min Smallest good value, with Range, UniqueRatio and RowCount.
 * @param max Largest good value, with NullRatio, Range, DuplicateRatio, UniqueRatio and RowCount.
 * @param maxAge Largest good age of the newest row, with Freshness.
 * @param withinSigmas Largest good distance of the mean from the reference's, in its standard deviations, with Mean.
 * @param values Good values, with InSet.
 * @param pattern Regular expression (RE2) that every value must match as a whole, with Regex.
 * @param onFailure Alert (condition, event and metric, and go on), Block (stop before anything is written) or Log (only
 *     count). Alert where absent.
 */
@ApiType
@ValidationRule(
        value = "self.type in ['Schema', 'DuplicateRatio', 'Freshness', 'RowCount'] || has(self.column)",
        message = "this type of check is about one column: name it with column")
@ValidationRule(
        value = "!(self.type in ['NullRatio', 'DuplicateRatio']) || has(self.max)",
        message = "NullRatio and DuplicateRatio need max, the largest good share")
@ValidationRule(
        value = "!(self.type in ['Range', 'UniqueRatio', 'RowCount']) || has(self.min) || has(self.max)",
        message = "Range, UniqueRatio and RowCount need a bound: set min, max or both")
@ValidationRule(
        value = "!(has(self.min) && has(self.max)) || self.min <= self.max",
        message = "min must not be above max: no value could pass")
@ValidationRule(
        value = "self.type != 'Freshness' || has(self.maxAge)",
        message = "Freshness needs maxAge, for example 1h")
@ValidationRule(
        value = "self.type != 'Mean' || has(self.withinSigmas)",
        message = "Mean needs withinSigmas, for example 3")
@ValidationRule(value = "self.type != 'InSet' || has(self.values)", message = "InSet needs values: list the good ones")
@ValidationRule(
        value = "self.type != 'Regex' || has(self.pattern)",
        message = "Regex needs pattern, the expression that values must match")
public record DataCheck(
        @Required Type type,

        @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String column,

        Double min,
        Double max,
        @Positive TimeSpan maxAge,
        @Min(value = 0, inclusive = false) Double withinSigmas,
        @Size(min = 1, max = 256) List<@Size(max = 256) String> values,
        @Size(min = 1, max = 1024) String pattern,
        OnFailure onFailure) {
    public DataCheck {
        values = Absent.orCopy(values);
    }

    /** What is checked. */
    @ApiEnum
    public enum Type {
        NullRatio,
        Schema,
        Range,
        DuplicateRatio,
        Freshness,
        Mean,
        UniqueRatio,
        RowCount,
        InSet,
        Regex
    }

    /** What happens when a check fails. */
    @ApiEnum
    public enum OnFailure {
        Alert,
        Block,
        Log
    }
}
