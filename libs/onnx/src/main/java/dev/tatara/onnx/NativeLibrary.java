package dev.tatara.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds ONNX Runtime's shared library: where the system property or the environment says, in the folder
 * {@code native/} of the application that this class runs in, or in ONNX Runtime's jar on the class path.
 */
final class NativeLibrary {
    static final String PROPERTY = "tatara.onnxruntime.library";
    static final String VARIABLE = "TATARA_ONNXRUNTIME_LIBRARY";

    private NativeLibrary() {}

    /**
     * @param path the file to load
     * @param temporary whether it was unpacked for this process and can go once it is loaded
     */
    record Location(Path path, boolean temporary) {}

    static Location locate() {
        Optional<Path> told = told();
        if (told.isPresent()) {
            if (!Files.isRegularFile(told.get())) {
                throw new OnnxException(
                        OnnxException.Code.NO_SUCH_FILE,
                        "no ONNX Runtime library at " + told.get() + ", where " + PROPERTY + " or " + VARIABLE
                                + " points");
            }
            return new Location(told.get(), false);
        }
        return besideTheApplication()
                .map(path -> new Location(path, false))
                .or(() -> unpacked().map(path -> new Location(path, true)))
                .orElseThrow(() -> new OnnxException(
                        OnnxException.Code.NO_SUCH_FILE,
                        "no ONNX Runtime library for " + platform() + ": set " + VARIABLE + " (or -D" + PROPERTY
                                + ") to the path of " + fileName()));
    }

    private static Optional<Path> told() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                .filter(path -> !path.isBlank())
                .map(Path::of);
    }

    /** {@code <application>/lib/…/this.jar} and {@code <application>/native/libonnxruntime.so}. */
    private static Optional<Path> besideTheApplication() {
        CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
        if (source == null
                || source.getLocation() == null
                || !"file".equals(source.getLocation().getProtocol())) {
            return Optional.empty();
        }
        try {
            Path folder = Path.of(source.getLocation().toURI()).getParent();
            for (int levels = 0; folder != null && levels < 3; levels++, folder = folder.getParent()) {
                Path candidate = folder.resolve("native").resolve(fileName());
                if (Files.isRegularFile(candidate)) {
                    return Optional.of(candidate);
                }
            }
            return Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> unpacked() {
        String resource = "ai/onnxruntime/native/" + platform() + "/" + fileName();
        try (InputStream in = NativeLibrary.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                return Optional.empty();
            }
            Path file = Files.createTempFile("tatara-", "-" + fileName());
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            return Optional.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack ONNX Runtime's library " + resource, e);
        }
    }

    /** The platform as the jar's folders name it. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String os = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
        String machine = System.getProperty("os.arch");
        return os + (machine.equals("aarch64") || machine.equals("arm64") ? "-aarch64" : "-x64");
    }

    private static String fileName() {
        return System.mapLibraryName("onnxruntime");
    }
}
