package dev.tatara.traffic;

/** Not what a pod tells of its traffic. */
public final class MalformedStatisticsException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedStatisticsException(String message, Throwable cause) {
        super(message, cause);
    }
}
