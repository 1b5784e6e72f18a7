package dev.tatara.steps.inspect;

import dev.tatara.onnx.OnnxException;
import java.util.regex.Pattern;

/** ONNX Runtime's own words without what only its developers need, and without what differs from run to run. */
public final class RuntimeWords {
    private static final Pattern FILE = Pattern.compile("Load model from \\S+ failed: ?");

    /** Source file, line and the function's signature (with one level of nested parentheses). */
    private static final Pattern SOURCE_LOCATION = Pattern.compile(
            "/onnxruntime_src/\\S+:\\d+ [^(]*\\((?:[^()]|\\([^()]*\\))*\\)(?: const)?(?: \\[with [^]]*])?:? ?");

    private RuntimeWords() {}

    /** The words of an exception. */
    public static String of(OnnxException e) {
        return of(String.valueOf(e.getMessage()));
    }

    static String of(String message) {
        var withoutFile = FILE.matcher(message).replaceAll("");
        return SOURCE_LOCATION.matcher(withoutFile).replaceAll("").strip();
    }
}
