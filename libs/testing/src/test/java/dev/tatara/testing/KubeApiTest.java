package dev.tatara.testing;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeApiTest {
    @AfterEach
    void forget() {
        System.clearProperty("tatara.kube-api-test.dir");
        System.clearProperty("tatara.kubernetes.version");
    }

    @Test
    void missingProgramsAreNamedWithTheCommandThatInstallsThem(@TempDir Path empty) {
        System.setProperty("tatara.kube-api-test.dir", empty.toString());

        assertThatIllegalStateException()
                .isThrownBy(KubeApi::start)
                .withMessageContaining(empty.toString())
                .withMessageContaining("run hack/tools kube-api-test");

        System.setProperty("tatara.kubernetes.version", "1.34.4");

        assertThatIllegalStateException()
                .isThrownBy(KubeApi::start)
                .withMessageContaining("1.34.4-linux")
                .withMessageContaining("run hack/tools kube-api-test");
    }
}
