package dev.tatara.api.v1alpha1.common;

/** Patterns and lengths of the texts that several fields share. */
public final class Grammar {
    /** Name of an object in the same namespace: a DNS subdomain as Kubernetes has it. */
    public static final String OBJECT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** Longest name of an object. */
    public static final int OBJECT_NAME_LENGTH = 253;

    /** Name inside a list: a DNS label. */
    public static final String LABEL = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /** Longest {@link #LABEL}. */
    public static final int LABEL_LENGTH = 63;

    /** A registered model or a version of one: fit for a label's value and for one segment of a URL's path. */
    public static final String MODEL_NAME = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

    /** Name of a column, feature, metric or parameter. */
    public static final String IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_.-]*$";

    /** Longest {@link #IDENTIFIER}. */
    public static final int IDENTIFIER_LENGTH = 128;

    /** Name of an HTTP header. */
    public static final String HEADER = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";

    /** A host name, which may begin with a wildcard label. */
    public static final String HOST = "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /** 64 lower-case hexadecimal digits. */
    public static final String SHA256 = "^[0-9a-f]{64}$";

    /** {@code sha256:} and 64 lower-case hexadecimal digits. */
    public static final String DIGEST = "^sha256:[0-9a-f]{64}$";

    /** A URI with a scheme. */
    public static final String URI = "^[a-z][a-z0-9+.-]*://.+$";

    /** Longest URI. */
    public static final int URI_LENGTH = 2048;

    /** Longest message of a condition, as metav1 bounds it. */
    public static final int MESSAGE_LENGTH = 32768;

    private Grammar() {}
}
