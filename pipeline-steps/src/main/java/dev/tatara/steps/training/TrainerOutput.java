package dev.tatara.steps.training;

import dev.tatara.onnx.ModelFormatException;
import dev.tatara.onnx.ModelHeader;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.inspect.FileForm;
import dev.tatara.steps.options.ByteSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The folder that a trainer wrote to. Links out of it count as absent: the files beside it aren't the trainer's, and
 * credentials may be among them.
 */
final class TrainerOutput {
    static final String MODEL = "model.onnx";
    static final String METRICS = "metrics.json";
    static final String PROGRESS = "progress.jsonl";
    static final String ARTIFACTS = "artifacts";

    private static final Set<String> KNOWN = Set.of(MODEL, METRICS, PROGRESS, ARTIFACTS);
    private static final int DEEPEST_LOOK = 4;
    private static final int MOST_LOOKED_AT = 1000;
    private static final int MOST_NAMED = 5;
    private static final int PIECE = 1 << 20;

    private final Path folder;
    private final Path real;

    private TrainerOutput(Path folder, Path real) {
        this.folder = folder;
        this.real = real;
    }

    /** The output in a folder. */
    static TrainerOutput in(Path folder) throws StepFailure, IOException {
        if (!Files.isDirectory(folder)) {
            throw StepFailure.failed(
                    Reasons.SOURCE_NOT_FOUND,
                    "expected the trainer's output folder at " + folder + ", found none",
                    null);
        }
        return new TrainerOutput(folder, folder.toRealPath());
    }

    Path artifacts() {
        return folder.resolve(ARTIFACTS);
    }

    /** A readable file of this name, unless it is a link to somewhere else. */
    Optional<Path> file(String name) throws IOException {
        var path = folder.resolve(name);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return Optional.empty();
        }
        var target = path.toRealPath();
        return target.startsWith(real) ? Optional.of(target) : Optional.empty();
    }

    /** What lies in the folder besides the files that have a meaning. */
    List<String> others() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !KNOWN.contains(name))
                    .sorted()
                    .limit(MOST_LOOKED_AT)
                    .toList();
        }
    }

    /**
     * The model.
     *
     * @throws StepFailure where there is none that could be one, saying what there is instead
     */
    Path model(long maxBytes) throws StepFailure, IOException {
        var found = file(MODEL);
        if (found.isEmpty()) {
            throw StepFailure.rejected(
                    Reasons.MODEL_MISSING,
                    "expected the model at %s, found %s".formatted(folder.resolve(MODEL), insteadOfModel()));
        }
        var model = found.get();
        var size = Files.size(model);
        if (size == 0) {
            throw StepFailure.rejected(
                    Reasons.EMPTY_MODEL,
                    "%s is empty: did the export fail, or the disk run full?".formatted(folder.resolve(MODEL)));
        }
        if (size > maxBytes) {
            throw StepFailure.rejected(
                    Reasons.MODEL_TOO_LARGE,
                    "%s has %s, expected at most %s: shrink it, or allow more with --max-model-size"
                            .formatted(folder.resolve(MODEL), ByteSize.show(size), ByteSize.show(maxBytes)));
        }
        checkForm(model);
        return model;
    }

    private void checkForm(Path model) throws StepFailure, IOException {
        var form = FileForm.of(model);
        if (form.isPresent()) {
            throw StepFailure.rejected(
                    Reasons.NOT_ONNX,
                    "expected an ONNX model at %s, found %s".formatted(folder.resolve(MODEL), form.get()));
        }
        try {
            ModelHeader.read(model);
        } catch (ModelFormatException e) {
            throw switch (e.kind()) {
                case NOT_ONNX ->
                    StepFailure.rejected(
                            Reasons.NOT_ONNX,
                            "%s is something else (%s): export the model to ONNX"
                                    .formatted(folder.resolve(MODEL), e.getMessage()));
                case TRUNCATED, CORRUPT ->
                    StepFailure.rejected(
                            Reasons.CORRUPT_MODEL,
                            "%s: %s; does the trainer end before it has written all of it?"
                                    .formatted(folder.resolve(MODEL), e.getMessage()));
            };
        }
        var weights = weightsBeside(model);
        if (weights.isPresent()) {
            throw StepFailure.rejected(
                    Reasons.UNSUPPORTED_MODEL,
                    "the weights of %s are in a second file, %s: save them into the first, for example with torch.onnx.export(…, external_data=False) or onnx.save_model(onnx.load(path), path)"
                            .formatted(folder.resolve(MODEL), weights.get()));
        }
    }

    /** A file beside the model that the model names as the place of its weights. */
    private Optional<String> weightsBeside(Path model) throws IOException {
        var entries = new LinkedHashMap<String, String>();
        others().stream().limit(MOST_NAMED * 4L).forEach(name -> entries.put(name, locationEntry(name)));
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        var longest = entries.values().stream().mapToInt(String::length).max().orElse(0);
        try (var in = Files.newInputStream(model)) {
            var kept = "";
            for (var piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                var text = kept + new String(piece, StandardCharsets.ISO_8859_1);
                for (var entry : entries.entrySet()) {
                    if (text.contains(entry.getValue())) {
                        return Optional.of(entry.getKey());
                    }
                }
                kept = text.substring(Math.max(0, text.length() - longest));
            }
        }
        return Optional.empty();
    }

    /** An entry of a tensor's external_data (onnx.proto) as it stands in the file, one char for each byte. */
    private static String locationEntry(String name) {
        var bytes = name.getBytes(StandardCharsets.UTF_8);
        var length = bytes.length < 128
                ? String.valueOf((char) bytes.length)
                : "" + (char) (bytes.length % 128 + 128) + (char) (bytes.length / 128);
        return "location\u0012" + length + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private String insteadOfModel() throws IOException {
        var path = folder.resolve(MODEL);
        if (Files.isDirectory(path)) {
            return "a folder of that name: write the model as a single file";
        }
        if (Files.isSymbolicLink(path)) {
            return "a link that leads nowhere, or out of the output folder: write the file itself";
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return Files.isRegularFile(path)
                    ? "a file that user " + System.getProperty("user.name") + " can't read: let everybody read it"
                    : "something that is no file";
        }
        var files = files();
        if (files.isEmpty()) {
            return "nothing: the output folder is empty. Does the training write to another folder?";
        }
        var names = files.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (files.size() > MOST_NAMED ? " and " + (files.size() - MOST_NAMED) + " more" : "");
        return "only " + names + ": " + hint(files);
    }

    /** Names of what is there, those that may be a model first. */
    private List<String> files() throws IOException {
        var found = new ArrayList<String>();
        try (var walk = Files.walk(folder, DEEPEST_LOOK)) {
            walk.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .limit(MOST_LOOKED_AT)
                    .map(file -> folder.relativize(file).toString())
                    .forEach(found::add);
        } catch (UncheckedIOException e) {
            // What can't be looked into isn't named.
            found.add("a folder that can't be read");
        }
        found.sort(Comparator.comparingInt(TrainerOutput::likelihood).thenComparing(name -> name));
        return found;
    }

    private static int likelihood(String name) {
        return name.endsWith(".onnx") ? 0 : export(name).isPresent() ? 1 : 2;
    }

    private String hint(List<String> files) throws IOException {
        var first = files.getFirst();
        if (first.endsWith(".onnx")) {
            return "write the model as " + MODEL;
        }
        var byName = export(first);
        if (byName.isPresent()) {
            return byName.get();
        }
        var file = folder.resolve(first);
        var form = Files.isReadable(file) ? FileForm.of(file) : Optional.<FileForm>empty();
        return form.filter(other -> other == FileForm.PICKLE || other == FileForm.TORCH)
                .map(other -> first + " is " + other)
                .orElse("export the model to ONNX");
    }

    private static Optional<String> export(String name) {
        var ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return switch (ending) {
            case "pkl", "pickle", "joblib" -> Optional.of("export the model to ONNX, with skl2onnx for scikit-learn");
            case "pt", "pth", "ckpt", "safetensors" ->
                Optional.of("export the model to ONNX, with torch.onnx.export for PyTorch");
            case "h5", "keras", "pb", "tflite" -> Optional.of("export the model to ONNX, with tf2onnx for TensorFlow");
            case "ubj", "xgb", "lgb", "cbm" ->
                Optional.of("export the model to ONNX, with onnxmltools for boosted trees");
            default -> Optional.empty();
        };
    }
}
