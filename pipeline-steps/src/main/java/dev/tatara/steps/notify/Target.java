package dev.tatara.steps.notify;

import dev.tatara.artifacts.AddressGuard;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.MountedSecret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Where a message goes. The URL itself is a secret: who has it may write to the channel. Its host may be shown. */
record Target(URI url) {
    static Target of(Path file) throws StepFailure {
        var folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
        var text = new MountedSecret(folder).get(file.getFileName().toString());
        if (text.isEmpty()) {
            throw StepFailure.failed(
                    Reasons.SECRET_MISSING,
                    "expected the receiver's URL in " + file + ", found nothing: is the key in the Secret that"
                            + " urlSecretRef names?",
                    null);
        }
        return new Target(parse(text.get()));
    }

    private static URI parse(String text) throws StepFailure {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            // Its message has the URL in it.
            throw invalid("something that is no address (at character " + e.getIndex() + ")");
        }
        var scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw invalid("an address of another scheme");
        }
        if (url.getHost() == null) {
            throw invalid("an address without a host");
        }
        if (url.getUserInfo() != null) {
            throw invalid("one with a user or password in it, which would not be sent");
        }
        return url;
    }

    private static StepFailure invalid(String found) {
        return StepFailure.rejected(
                Reasons.INVALID_RECEIVER, "expected the receiver's URL to be https://host/path, found " + found);
    }

    /** Looks again before each request, for a name may lead elsewhere by then. */
    void guard() throws StepFailure {
        try {
            new AddressGuard(false).check(url);
        } catch (ArtifactException e) {
            throw StepFailure.rejected(Reasons.INVALID_RECEIVER, e.getMessage());
        }
    }

    /** Words of somebody else, without the URL's secret parts. */
    String redacted(String words) {
        var redacted = words.replace(url.toString(), "…");
        for (var part : new String[] {url.getRawPath(), url.getRawQuery()}) {
            if (part != null && part.length() > 1) {
                redacted = redacted.replace(part, "…");
            }
        }
        return redacted;
    }

    @Override
    public String toString() {
        return url.getHost();
    }
}
