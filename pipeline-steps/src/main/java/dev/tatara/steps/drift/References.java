package dev.tatara.steps.drift;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.PaneFormat;
import dev.tatara.statistics.PaneFormatException;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.UnreadableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/** Finds what live data are compared with. */
final class References {
    private static final String PROFILE = "tatara.dev/profile/v1";
    /** A profile has its pane in Base64, and figures for people. */
    private static final int MOST_PROFILE_BYTES = 128 << 20;

    private static final byte[] PANE = {'T', 'T', 'P', 'N'};
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final DriftPlan plan;
    private final DriftOptions options;
    private final StoreFolder files;
    private final StepContext context;

    References(DriftPlan plan, DriftOptions options, StoreFolder files, StepContext context) {
        this.plan = plan;
        this.options = options;
        this.files = files;
        this.context = context;
    }

    /**
     * The reference of the policy. That it isn't there, or is no reference, is told and no failure: what needs none is
     * judged all the same.
     *
     * @param live what it will be compared with
     * @throws StepFailure where it may be there another time
     */
    ReferenceData find(LiveData live) throws StepFailure, IOException {
        var reference = plan.reference();
        if (reference != null && reference.window() != null) {
            return earlier(
                    reference.window().toDuration(),
                    reference.offset() == null
                            ? plan.length()
                            : reference.offset().toDuration());
        }
        try {
            if (reference != null && reference.uri() != null) {
                return read(reference.uri(), null, "the reference", live);
            }
            return options.baseline() == null
                    ? ReferenceData.none(
                            "the model version has no profile to compare with: set spec.baseline.uri of the"
                                    + " ModelVersion, or spec.reference of the policy")
                    : read(options.baseline(), options.baselineSha256(), "the model version's profile", live);
        } catch (ArtifactException e) {
            return unreadable(e);
        }
    }

    private static ReferenceData unreadable(ArtifactException e) throws StepFailure {
        return switch (e.kind()) {
            case NotFound, AccessDenied, TooLarge, Unsupported, CredentialsMissing ->
                ReferenceData.broken("there is nothing to compare with: " + e.getMessage());
            case Unavailable, Local -> throw StepFailure.ofSource(e);
        };
    }

    private ReferenceData earlier(Duration length, Duration offset) throws StepFailure {
        Instant end = options.at().minus(offset);
        var earlier = LiveData.read(
                files, Listing.folderOf(plan.namespace(), plan.service()), options.revisions(), end.minus(length), end);
        var words = "live data from %s to %s".formatted(earlier.start(), end);
        return earlier.pane().isEmpty()
                ? ReferenceData.none("there are no %s to compare with: they come with time".formatted(words))
                : ReferenceData.of(earlier.pane().get(), words);
    }

    private ReferenceData read(String address, String sha256, String what, LiveData live)
            throws StepFailure, ArtifactException, IOException {
        var uri = context.address(what, address);
        var file = Files.createDirectories(context.workspace().resolve("reference"))
                .resolve(nameOf(uri));
        try (var store = ArtifactStore.open(options.sourceSettings())) {
            var digested = store.download(uri, file, Long.MAX_VALUE);
            if (sha256 != null && !sha256.equals(digested.sha256())) {
                return ReferenceData.broken(
                        "%s: expected sha256 %s at %s, found %s: restore the file, or state its digest"
                                .formatted(Reasons.DIGEST_MISMATCH, sha256, uri, digested.sha256()));
            }
            context.progress().say("compared with %s at %s", what, uri);
            return ReferenceData.of(sketches(file, live), what + " " + uri);
        } catch (PaneFormatException | UnreadableException e) {
            return ReferenceData.broken("%s: %s: %s".formatted(Reasons.REFERENCE_MALFORMED, uri, e.getMessage()));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static String nameOf(ArtifactUri uri) {
        var address = uri.toString();
        return address.substring(address.lastIndexOf('/') + 1);
    }

    /** By the first bytes: a profile, a pane, else a table. */
    private Pane sketches(Path file, LiveData live) throws StepFailure, IOException, UnreadableException {
        byte[] start;
        try (var in = Files.newInputStream(file)) {
            start = in.readNBytes(PANE.length);
        }
        if (java.util.Arrays.equals(start, PANE)) {
            return PaneFormat.read(all(file));
        }
        if (file.toString().endsWith(".json") && start.length > 0 && start[0] == '{') {
            var profile = profile(file);
            if (profile != null) {
                return profile;
            }
        }
        return new ReferenceTable(options.memoryBytes(), options.threads(), context.workspace()).read(file, live);
    }

    private static byte[] all(Path file) throws IOException, UnreadableException {
        if (Files.size(file) > MOST_PROFILE_BYTES) {
            throw new UnreadableException("expected at most " + MOST_PROFILE_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /** Null where it is another JSON. */
    private static Pane profile(Path file) throws IOException, UnreadableException {
        if (Files.size(file) > MOST_PROFILE_BYTES) {
            return null;
        }
        Profile document;
        try {
            document = JSON.readerFor(Profile.class)
                    .without(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .readValue(file.toFile());
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            return null;
        }
        if (document.schema == null || !document.schema.startsWith("tatara.dev/profile/")) {
            return null;
        }
        if (!document.schema.equals(PROFILE) || document.pane == null) {
            throw new UnreadableException("expected a profile of schema " + PROFILE + ", found " + document.schema
                    + (document.pane == null ? " without its pane" : ""));
        }
        try {
            return PaneFormat.read(Base64.getDecoder().decode(document.pane));
        } catch (IllegalArgumentException e) {
            throw new UnreadableException("the profile is damaged: its pane isn't Base64", e);
        }
    }

    private record Profile(String schema, String pane) {}
}
