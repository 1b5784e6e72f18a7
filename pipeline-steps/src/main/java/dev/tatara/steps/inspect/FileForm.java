package dev.tatara.steps.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is that people take for a model, told from its first bytes. The file's own text is never repeated: a
 * message must not carry what may be somebody's secret.
 */
public enum FileForm {
    EMPTY("an empty file"),
    LFS_POINTER("a Git LFS pointer, not the model: run `git lfs pull` and upload the file itself"),
    HTML("an HTML page, most likely a server's error or sign-in page: give the address of the file itself, and a"
            + " Secret where the server wants one"),
    XML("an XML document, most likely an object store's error"),
    JSON("a JSON document, perhaps a server's error"),
    TORCH("a PyTorch checkpoint: export it with torch.onnx.export"),
    ZIP("a zip archive: unpack it and upload the .onnx file in it"),
    GZIP("gzip-compressed data: unpack it first"),
    ZSTD("zstd-compressed data: unpack it first"),
    TAR("a tar archive: unpack it and upload the .onnx file in it"),
    PICKLE("a Python pickle (scikit-learn or joblib?): convert it with skl2onnx"),
    HDF5("an HDF5 file (Keras?): convert it with tf2onnx"),
    SAFETENSORS("a safetensors file, which has weights but no graph: export the model to ONNX"),
    GGUF("a GGUF file: generative models of that format are not served"),
    TFLITE("a TensorFlow Lite model: convert it with tf2onnx"),
    NUMPY("a NumPy array"),
    PARQUET("a Parquet file: data, not a model"),
    TEXT("a text file");

    private static final int HEAD_BYTES = 1024;

    private final String words;

    FileForm(String words) {
        this.words = words;
    }

    /** What the file is; nothing where it may be a model. */
    public static Optional<FileForm> of(Path file) throws IOException {
        byte[] head;
        try (var in = Files.newInputStream(file)) {
            head = in.readNBytes(HEAD_BYTES);
        }
        return Optional.ofNullable(of(head));
    }

    static FileForm of(byte[] head) {
        if (head.length == 0) {
            return EMPTY;
        }
        var text = new String(head, StandardCharsets.ISO_8859_1);
        var binary = binary(text, head);
        if (binary != null) {
            return binary;
        }
        var start = text.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("version https://git-lfs")) {
            return LFS_POINTER;
        }
        if (start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<head")) {
            return HTML;
        }
        if (start.startsWith("<?xml")) {
            return start.contains("<html") ? HTML : XML;
        }
        if (start.startsWith("<error>")) {
            return XML;
        }
        if ((start.startsWith("{") || start.startsWith("[")) && isText(head)) {
            return JSON;
        }
        return isText(head) ? TEXT : null;
    }

    private static FileForm binary(String text, byte[] head) {
        if (text.startsWith("PK\u0003\u0004")) {
            return text.contains("data.pkl") ? TORCH : ZIP;
        }
        if (text.startsWith("\u001f\u008b")) {
            return GZIP;
        }
        if (text.startsWith("(\u00b5/\u00fd")) {
            return ZSTD;
        }
        if (text.startsWith("\u0089HDF\r\n")) {
            return HDF5;
        }
        if (text.startsWith("GGUF")) {
            return GGUF;
        }
        if (text.startsWith("PAR1")) {
            return PARQUET;
        }
        if (text.startsWith("\u0093NUMPY")) {
            return NUMPY;
        }
        if (text.startsWith("TFL3", 4)) {
            return TFLITE;
        }
        if (text.startsWith("ustar", 257)) {
            return TAR;
        }
        if (head.length > 9 && text.startsWith("{\"", 8) && text.startsWith("\u0000\u0000\u0000", 5)) {
            return SAFETENSORS;
        }
        // A pickle's protocol is 2 to 5; the byte 0x80 can't start a protobuf message of ONNX.
        return head.length > 2 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5 ? PICKLE : null;
    }

    /** Printable ASCII and line ends only; a protobuf message has control bytes among its first few. */
    private static boolean isText(byte[] head) {
        var start = Arrays.copyOf(head, Math.min(head.length, 256));
        for (var value : start) {
            if (value != '\n' && value != '\r' && value != '\t' && (value < ' ' || value == 127)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return words;
    }
}
