package dev.tatara.statistics.drift;

import dev.tatara.statistics.Steps;

/** Which method a column gets. */
final class Choice {
    /** Evidently tests by p-value up to this many values of the reference, by distance beyond. */
    private static final int FEW_VALUES = 1000;

    /** Numbers with so few different values are taken for categories. */
    private static final int FEW_DIFFERENT = 5;

    private static final int TWO = 2;

    private Choice() {}

    /**
     * Evidently 0.7's default.
     *
     * @param unit of the bound that was asked for; {@code null} for the unit that Evidently chooses
     */
    static Method automatic(Side reference, Side current, Unit unit) {
        boolean byPValue = unit == null ? reference.values() <= FEW_VALUES : unit == Unit.PValue;
        int different = different(reference, current);
        if (reference instanceof Side.Numbers && different > FEW_DIFFERENT) {
            return byPValue ? Method.KolmogorovSmirnov : Method.Wasserstein;
        }
        if (!byPValue) {
            return Method.JensenShannon;
        }
        return different <= TWO ? Method.ZTest : Method.ChiSquare;
    }

    /** Whether a method other than {@link Method#Auto} is for such columns. */
    static boolean fits(Method method, Side reference, Side current) {
        return switch (reference) {
            case Side.Numbers numbers ->
                switch (method) {
                    case ChiSquare, ChiSquareFit, ZTest -> numbers.isFew() && ((Side.Numbers) current).isFew();
                    case KolmogorovSmirnov, Wasserstein, PSI, JensenShannon, KullbackLeibler -> true;
                    case Auto -> false;
                };
            case Side.Categories categories ->
                switch (method) {
                    case KolmogorovSmirnov, Wasserstein, Auto -> false;
                    case ZTest, ChiSquareFit -> categories.error() == 0 && ((Side.Categories) current).error() == 0;
                    case ChiSquare, PSI, JensenShannon, KullbackLeibler -> true;
                };
        };
    }

    /** Different values of both sides together, or some number above {@value #FEW_DIFFERENT}. */
    static int different(Side reference, Side current) {
        return switch (reference) {
            case Side.Numbers numbers -> different(numbers.steps(), ((Side.Numbers) current).steps());
            case Side.Categories categories -> {
                var other = (Side.Categories) current;
                if (categories.error() > 0 || other.error() > 0) {
                    yield Integer.MAX_VALUE;
                }
                long added = other.counts().keySet().stream()
                        .filter(name -> !categories.counts().containsKey(name))
                        .count();
                yield (int) (categories.counts().size() + added);
            }
        };
    }

    private static int different(Steps one, Steps other) {
        if (!one.isExact() || !other.isExact()) {
            return Integer.MAX_VALUE;
        }
        int i = 0;
        int j = 0;
        int different = 0;
        while (different <= FEW_DIFFERENT && (i < one.size() || j < other.size())) {
            double value = Math.min(
                    i < one.size() ? one.value(i) : Double.POSITIVE_INFINITY,
                    j < other.size() ? other.value(j) : Double.POSITIVE_INFINITY);
            i += i < one.size() && one.value(i) == value ? 1 : 0;
            j += j < other.size() && other.value(j) == value ? 1 : 0;
            different++;
        }
        return different;
    }
}
