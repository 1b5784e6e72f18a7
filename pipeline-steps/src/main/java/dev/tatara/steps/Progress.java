package dev.tatara.steps;

import com.google.errorprone.annotations.FormatMethod;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What a step is doing, line by line on standard output, with the seconds since it began. */
public final class Progress {
    private final PrintStream out;
    private final long start = System.nanoTime();

    public Progress(PrintStream out) {
        this.out = out;
    }

    /** One line. */
    @FormatMethod
    public void say(String format, Object... arguments) {
        var line = String.format(Locale.ROOT, format, arguments);
        out.printf(Locale.ROOT, "%7.2fs  %s%n", elapsed().toMillis() / 1000.0, line);
        out.flush();
    }

    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
