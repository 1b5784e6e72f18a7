package dev.tatara.steps.inspect;

import dev.tatara.steps.StepFailure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A version of a registered model in MLflow: {@code mlflow://model/3} or {@code mlflow://model/@champion}.
 *
 * @param model its name; in the address, what isn't plain is escaped as {@code %20}
 * @param version number of the version; {@code null} with an alias
 * @param alias name of an alias; {@code null} with a number
 */
record MlflowAddress(String model, String version, String alias) {
    private static final String SCHEME = "mlflow://";
    private static final Pattern FORM = Pattern.compile("([^/?#@]+)/(?:@([^/?#@]+)|(\\d{1,18}))");

    /** Whether a source is meant as an address of this kind, right or wrong. */
    static boolean isOne(String source) {
        return source.toLowerCase(Locale.ROOT).startsWith(SCHEME);
    }

    static MlflowAddress parse(String source) throws StepFailure {
        var match = FORM.matcher(source.substring(SCHEME.length()));
        if (!match.matches()) {
            throw wrong(source, null);
        }
        try {
            return new MlflowAddress(decoded(match.group(1)), match.group(3), decoded(match.group(2)));
        } catch (IllegalArgumentException e) {
            throw wrong(source, e);
        }
    }

    private static String decoded(String text) {
        return text == null ? null : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static StepFailure wrong(String source, Exception e) {
        return StepFailure.failed(
                StepFailure.UNSUPPORTED_SCHEME,
                "expected mlflow://<registered model>/<version> or mlflow://<registered model>/@<alias>, found: "
                        + source,
                e);
    }

    @Override
    public String toString() {
        return SCHEME + model + "/" + (alias == null ? version : "@" + alias);
    }
}
