package dev.tatara.steps.inspect;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.MlflowSettings;
import dev.tatara.mlflow.RegisteredVersion;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.MountedSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Finds the ONNX file of a registered model. MLflow is asked once which version that is and where its files lie; from
 * there on they are files of a server or a bucket like others, fetched with the same Secret.
 */
final class MlflowSource {
    /** Key of the source's Secret with the server's address. */
    static final String URI_KEY = "MLFLOW_TRACKING_URI";

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
    private static final String ONNX = ".onnx";

    private final String server;
    private final Path secret;
    private final String secretName;
    private final StoreSettings files;

    /**
     * A source behind a server.
     *
     * @param server its address, unless the Secret has one; {@code null}: unknown
     * @param secret the source's Secret; {@code null} without one
     * @param secretName how messages call it; {@code null}: by its path
     * @param files how to reach the files themselves
     */
    MlflowSource(String server, Path secret, String secretName, StoreSettings files) {
        this.server = server;
        this.secret = secret;
        this.secretName = secretName;
        this.files = files;
    }

    /** Where the ONNX file lies at the moment. */
    ArtifactUri locate(String source, Progress progress) throws StepFailure {
        var address = MlflowAddress.parse(source);
        try (var client = MlflowClient.open(MlflowSettings.of(server(address)).withCredentials(secret, secretName))) {
            var version = version(client, address);
            var location = location(client, version);
            progress.say(
                    "%s is version %s of %s%s, at %s",
                    address,
                    version.version(),
                    version.model(),
                    version.runId().isEmpty() ? "" : ", made by run " + version.runId(),
                    location);
            return file(client, address, location);
        } catch (MlflowException e) {
            throw switch (e.kind()) {
                case Unavailable -> StepFailure.failed("SourceUnavailable", e.getMessage(), e);
                case NotFound -> StepFailure.failed("SourceNotFound", e.getMessage(), e);
                case Denied, Exists, Refused -> StepFailure.failed("SourceUnreadable", e.getMessage(), e);
            };
        }
    }

    private String server(MlflowAddress address) throws StepFailure {
        Optional<String> named = secret == null ? Optional.empty() : new MountedSecret(secret).get(URI_KEY);
        return named.or(() -> Optional.ofNullable(server).map(String::strip).filter(text -> !text.isEmpty()))
                .orElseThrow(() -> StepFailure.failed(
                        "SecretMissing",
                        "%s: which MLflow server? Name it under the key %s of the source's Secret, or in the operator's setting mlflow.tracking-uri"
                                .formatted(address, URI_KEY),
                        null));
    }

    private static RegisteredVersion version(MlflowClient client, MlflowAddress address)
            throws MlflowException, StepFailure {
        if (address.alias() == null) {
            return client.registry().version(address.model(), address.version());
        }
        var found = client.registry().findAlias(address.model(), address.alias());
        if (found.isPresent()) {
            return found.get();
        }
        var aliases = client.registry().aliasesOf(address.model());
        throw StepFailure.failed(
                "SourceNotFound",
                "%s: the model has no such alias; %s"
                        .formatted(address, aliases.isEmpty() ? "it has none at all" : "it has " + aliases),
                null);
    }

    private static String location(MlflowClient client, RegisteredVersion version) throws MlflowException {
        var location = client.registry().location(version).replaceFirst("/+$", "");
        if (!location.startsWith("runs:/")) {
            return location;
        }
        var parts =
                location.substring("runs:/".length()).replaceFirst("^/+", "").split("/", 2);
        var run = client.run(parts[0]).artifactUri().replaceFirst("/+$", "");
        return parts.length < 2 ? run : run + "/" + parts[1];
    }

    private ArtifactUri file(MlflowClient client, MlflowAddress address, String location) throws StepFailure {
        var folder = reachable(client, address, location);
        if (location.endsWith(ONNX)) {
            return folder;
        }
        var description = folder.resolve("MLmodel");
        try (var store = ArtifactStore.open(files)) {
            return folder.resolve(dataFile(address, YAML.readTree(store.read(description, MAX_DESCRIPTION_BYTES))));
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound) {
                throw StepFailure.failed(
                        "SourceNotFound",
                        "%s: expected the folder of an MLflow model at %s, with a file MLmodel in it; %s"
                                .formatted(address, location, e.getMessage()),
                        e);
            }
            throw StepFailure.ofSource(e);
        } catch (JacksonException e) {
            throw StepFailure.rejected(
                    Reasons.NOT_ONNX,
                    "%s: the file MLmodel at %s is no YAML: %s"
                            .formatted(address, description, e.getOriginalMessage()));
        } catch (IOException | IllegalArgumentException e) {
            throw StepFailure.failed("SourceUnreadable", "%s: %s".formatted(address, e.getMessage()), e);
        }
    }

    /** The file that the flavor {@code onnx} names. */
    private static String dataFile(MlflowAddress address, JsonNode description) throws StepFailure {
        var flavors = description.path("flavors");
        var data = flavors.path("onnx").path("data").asText("");
        if (!data.isEmpty()) {
            return data;
        }
        var others = new ArrayList<String>();
        flavors.fieldNames().forEachRemaining(others::add);
        throw StepFailure.rejected(
                Reasons.NOT_ONNX,
                "%s: expected an MLflow model with the flavor onnx, found %s; log it with mlflow.onnx.log_model"
                        .formatted(address, others.isEmpty() ? "none" : others));
    }

    private static ArtifactUri reachable(MlflowClient client, MlflowAddress address, String location)
            throws StepFailure {
        try {
            var served = client.artifacts().address(location);
            if (served.isPresent()) {
                return ArtifactUri.parse(served.get().toString());
            }
            if (location.startsWith("s3://") || location.startsWith("https://") || location.startsWith("http://")) {
                return ArtifactUri.parse(location);
            }
            var path = location.replaceFirst("^file:(//)?(?=/)", "");
            if (path.startsWith("/")) {
                var file = ArtifactUri.parse("file://" + path);
                // On a laptop the server's disk is this one.
                if (Files.exists(Path.of(path))) {
                    return file;
                }
                throw unreachable(
                        address,
                        location,
                        "the server's own disk. Start it with --serve-artifacts and --artifacts-destination, or keep"
                                + " artifacts in a bucket, and log the model again");
            }
            throw unreachable(
                    address,
                    location,
                    "a store that Tatara doesn't read. Those that it reads are MLflow's own artifact"
                            + " proxy, s3:// and https://");
        } catch (ArtifactException e) {
            throw StepFailure.ofSource(e);
        }
    }

    private static StepFailure unreachable(MlflowAddress address, String location, String why) {
        return StepFailure.failed(
                StepFailure.UNSUPPORTED_SCHEME, "%s: its files lie at %s, %s".formatted(address, location, why), null);
    }
}
