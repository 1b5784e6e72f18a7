package dev.tatara.steps.notify;

import dev.tatara.contracts.Notified;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Posts a message, again and again with growing pauses while the receiver is away, busy or in trouble. */
final class Sender {
    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int MAX_WORDS = 200;

    private final Duration deadline;
    private final Duration firstPause;
    private final Progress progress;

    Sender(Duration deadline, Duration firstPause, Progress progress) {
        this.deadline = deadline;
        this.firstPause = firstPause;
        this.progress = progress;
    }

    private sealed interface Outcome {}

    private record Taken(int status) implements Outcome {}

    /** It may pass. */
    private record Away(String words, Duration wish) implements Outcome {}

    /**
     * Sends until the receiver has it.
     *
     * @param id goes along, so that the receiver can tell that it has this message already
     */
    Notified send(Target target, byte[] body, String id) throws StepFailure {
        var start = System.nanoTime();
        var pause = firstPause;
        for (var attempt = 1; ; attempt++) {
            switch (attempt(target, body, id)) {
                case Taken(var status) -> {
                    return new Notified(status, attempt);
                }
                case Away(var words, var wish) -> {
                    var wait = wish.compareTo(pause) > 0 ? wish : jittered(pause);
                    var left = deadline.minusNanos(System.nanoTime() - start);
                    if (wait.compareTo(left) >= 0) {
                        throw StepFailure.failed(
                                Reasons.RECEIVER_UNAVAILABLE,
                                "%s; tried %d times within %d s".formatted(words, attempt, deadline.toSeconds()),
                                null);
                    }
                    progress.say("%s; trying again in %.1f s", words, wait.toMillis() / 1000.0);
                    sleep(wait);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        }
    }

    private static Outcome attempt(Target target, byte[] body, String id) throws StepFailure {
        target.guard();
        HttpURLConnection http = null;
        try {
            http = (HttpURLConnection) target.url().toURL().openConnection();
            // A redirect may lead elsewhere, where the message must not go.
            http.setInstanceFollowRedirects(false);
            http.setUseCaches(false);
            http.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
            http.setReadTimeout(Math.toIntExact(ANSWER.toMillis()));
            http.setRequestMethod("POST");
            http.setDoOutput(true);
            // Besides, it keeps the platform from sending a POST again by itself.
            http.setFixedLengthStreamingMode(body.length);
            http.setRequestProperty("Content-Type", "application/json");
            http.setRequestProperty("User-Agent", "tatara");
            http.setRequestProperty("Idempotency-Key", id);
            try (var out = http.getOutputStream()) {
                out.write(body);
            }
            return judged(target, http);
        } catch (IOException e) {
            // The messages of some exceptions are the URL.
            var words = e.getMessage() == null ? "" : " " + target.redacted(e.getMessage());
            return new Away(target + " doesn't answer: " + e.getClass().getSimpleName() + words, Duration.ZERO);
        } finally {
            if (http != null) {
                http.disconnect();
            }
        }
    }

    private static Outcome judged(Target target, HttpURLConnection http) throws IOException, StepFailure {
        var status = http.getResponseCode();
        if (status >= 200 && status < 300) {
            return new Taken(status);
        }
        var words = target + " answered " + status + target.redacted(firstWords(http.getErrorStream()));
        return switch (status) {
            case HttpURLConnection.HTTP_CLIENT_TIMEOUT, 425, 429 -> new Away(words, wish(http));
            default -> {
                if (status >= 500 || status < 100) {
                    yield new Away(words, wish(http));
                }
                throw StepFailure.rejected(
                        Reasons.RECEIVER_REFUSED,
                        status >= 300 && status < 400
                                ? words + "; redirects are not followed: give the final address"
                                : words + "; it will refuse the same message again: look at the URL in the Secret, and"
                                        + " whether what it belongs to still exists");
            }
        };
    }

    /** What the receiver asks for; only seconds are understood, and a day is enough. */
    private static Duration wish(HttpURLConnection http) {
        return Optional.ofNullable(http.getHeaderField("Retry-After"))
                .filter(text -> text.matches("\\d{1,5}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(Duration.ZERO);
    }

    /** As much of an answer as comes at once: who answers slowly isn't waited for. */
    private static String firstWords(InputStream body) {
        if (body == null) {
            return "";
        }
        var bytes = new byte[MAX_WORDS];
        int count;
        try (body) {
            count = body.read(bytes);
        } catch (IOException e) {
            // The status says enough.
            return "";
        }
        var text = count <= 0 ? "" : new String(bytes, 0, count, StandardCharsets.UTF_8);
        var printable = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return printable.isEmpty() ? "" : ": " + printable;
    }

    /** Between half of it and all of it, so that many senders don't agree. */
    private static Duration jittered(Duration pause) {
        var half = pause.toNanos() / 2;
        return Duration.ofNanos(half + ThreadLocalRandom.current().nextLong(Math.max(1, half)));
    }

    private static void sleep(Duration pause) throws StepFailure {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StepFailure.failed("Interrupted", "stopped while waiting for the receiver", e);
        }
    }
}
