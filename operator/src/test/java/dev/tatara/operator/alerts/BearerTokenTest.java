package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
    @TempDir
    private Path folder;

    @Test
    void eachLineIsATokenAndTheFileMayChange() throws Exception {
        var token = new BearerToken(Files.writeString(folder.resolve("token"), "old\n\nnew \n"));
        assertThat(token.matches("old")).isTrue();
        assertThat(token.matches("new")).isTrue();
        assertThat(token.matches("")).isFalse();
        assertThat(token.matches("ne")).isFalse();
        assertThat(token.matches("newer")).isFalse();

        Files.writeString(token.file(), "new");
        assertThat(token.matches("old")).isFalse();
        assertThat(token.matches("new")).isTrue();
    }

    @Test
    void withoutATokenNobodyIsLetIn() throws Exception {
        var token = new BearerToken(folder.resolve("token"));
        assertThatThrownBy(() -> token.matches("")).isInstanceOf(IOException.class);
        Files.writeString(token.file(), " \n");
        assertThatThrownBy(() -> token.matches("")).hasMessageContaining("found an empty file");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "Bearer", "Bearer  ", "Basic YTpi", "token"})
    void aRequestWithoutATokenBearsNone(String header) {
        assertThat(BearerToken.in(header)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer abc", "bearer abc", "BEARER  abc "})
    void theSchemeIsReadAsHttpSays(String header) {
        assertThat(BearerToken.in(header)).contains("abc");
    }
}
