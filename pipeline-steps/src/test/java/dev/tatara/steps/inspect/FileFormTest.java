package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FileFormTest {
    @Test
    void commonMistakesAreRecognised() {
        var tar = new byte[512];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        assertThat(FileForm.of(tar)).isEqualTo(FileForm.TAR);
        assertThat(FileForm.of(new byte[0])).isEqualTo(FileForm.EMPTY);
        Map.ofEntries(
                        Map.entry("version https://git-lfs.github.com/spec/v1\n", FileForm.LFS_POINTER),
                        Map.entry("\n <!DOCTYPE HTML>\n<html>", FileForm.HTML),
                        Map.entry("\u00ef\u00bb\u00bf<html>", FileForm.HTML),
                        Map.entry("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code>", FileForm.XML),
                        Map.entry("{\"error\": \"not found\"}", FileForm.JSON),
                        Map.entry("PK\u0003\u0004....archive/data.pkl", FileForm.TORCH),
                        Map.entry("PK\u0003\u0004....model.onnx", FileForm.ZIP),
                        Map.entry("\u001f\u008b\u0008", FileForm.GZIP),
                        Map.entry("\u0080\u0005\u0095", FileForm.PICKLE),
                        Map.entry("\u0089HDF\r\n\u001a\n", FileForm.HDF5),
                        Map.entry("X\u0000\u0000\u0000\u0000\u0000\u0000\u0000{\"__metadata__\"", FileForm.SAFETENSORS),
                        Map.entry("GGUF\u0003", FileForm.GGUF),
                        Map.entry("\u001c\u0000\u0000\u0000TFL3", FileForm.TFLITE),
                        Map.entry("PAR1\u0015", FileForm.PARQUET),
                        Map.entry("404: Not Found", FileForm.TEXT))
                .forEach((text, form) -> assertThat(FileForm.of(text.getBytes(StandardCharsets.ISO_8859_1)))
                        .as(text)
                        .isEqualTo(form));
    }

    @Test
    void aModelIsNoneOfThem() {
        assertThat(FileForm.of(TinyModel.identity())).isNull();
        assertThat(FileForm.of(TinyModel.wide(3))).isNull();
    }
}
