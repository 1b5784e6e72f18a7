package dev.tatara.statistics;

import java.io.IOException;

/** Bytes that are no pane, or none that this version can read. The message says what was expected and what was found. */
public final class PaneFormatException extends IOException {
    private static final long serialVersionUID = 1;

    PaneFormatException(String message) {
        super(message);
    }

    PaneFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
