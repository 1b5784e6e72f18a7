package dev.tatara.operator.kubernetes;

import java.util.Optional;

/**
 * A {@code pvc://<claim>/<path>} location. Pods see it as a file below a directory where the claim is mounted.
 *
 * @param claim name of the PersistentVolumeClaim
 * @param path path inside the claim, without a leading slash; may be empty
 */
public record ClaimUri(String claim, String path) {
    private static final String SCHEME = "pvc://";
    private static final String MOUNTS = "/tatara/pvc/";

    /** Reads a {@code pvc://} URI; empty for any other. */
    public static Optional<ClaimUri> of(String uri) {
        if (!uri.startsWith(SCHEME)) {
            return Optional.empty();
        }
        var parts = uri.substring(SCHEME.length()).split("/", 2);
        return Optional.of(new ClaimUri(parts[0], parts.length == 2 ? parts[1] : ""));
    }

    /** The URI as a pod that mounts the claim sees it; any other URI is left as it is. */
    public static String mounted(String uri) {
        return of(uri).map(claim -> "file://" + claim.mountPath() + "/" + claim.path())
                .orElse(uri);
    }

    /** The reverse of {@link #mounted}. */
    public static String unmounted(String uri) {
        var prefix = "file://" + MOUNTS;
        return uri.startsWith(prefix) ? SCHEME + uri.substring(prefix.length()) : uri;
    }

    /** A pod's words with its paths inside claims replaced by what users write. */
    public static String inWords(String message) {
        return message.replace("file://" + MOUNTS, SCHEME).replace(MOUNTS, SCHEME);
    }

    /** Where pods mount the claim. */
    public String mountPath() {
        return MOUNTS + claim;
    }
}
