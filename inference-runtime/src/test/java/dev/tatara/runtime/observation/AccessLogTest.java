package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.inference.TraceContext;
import dev.tatara.runtime.serving.Protocol;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AccessLogTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private record Settings(double samplePercent, int errorsPerSecond) implements RuntimeSettings.AccessLog {}

    private static AccessLog.Entry entry(String path, int status) {
        return new AccessLog.Entry(
                "POST",
                path,
                status,
                12,
                1_234_567,
                "id \"1\"",
                new TraceContext(TRACE, "00f067aa0ba902b7", true),
                Protocol.PREDICT,
                "10.0.0.7");
    }

    @Test
    void aLineIsJsonWhateverTheClientSent() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AccessLog log = new AccessLog(new Settings(100, 10), out);
        assertThat(log.wants(200)).isTrue();
        log.write(entry("/predict\n{\"evil\":1}", 200));
        log.close();
        String text = out.toString(StandardCharsets.UTF_8);
        assertThat(text).endsWith("}\n").containsOnlyOnce("\n");
        JsonNode line = new ObjectMapper().readTree(text);
        assertThat(line.get("loggerName").asText()).isEqualTo("access");
        assertThat(line.get("path").asText()).isEqualTo("/predict\n{\"evil\":1}");
        assertThat(line.get("status").asInt()).isEqualTo(200);
        assertThat(line.get("ms").asDouble()).isEqualTo(1.235);
        assertThat(line.get("request_id").asText()).isEqualTo("id \"1\"");
        assertThat(line.get("trace_id").asText()).isEqualTo(TRACE);
        assertThat(line.get("protocol").asText()).isEqualTo("predict");
        assertThat(line.get("client").asText()).isEqualTo("10.0.0.7");
    }

    @Test
    void errorsAreBoundedAndCounted() throws Exception {
        AccessLog log = new AccessLog(new Settings(0, 10), new ByteArrayOutputStream());
        assertThat(log.wants(200)).isFalse();
        int wanted = 0;
        for (int i = 0; i < 1000; i++) {
            wanted += log.wants(400) ? 1 : 0;
        }
        // A second may end in between.
        assertThat(wanted).isBetween(10, 20);
        assertThat(log.dropped().sum()).isEqualTo(1000 - wanted);
        log.close();
    }

    @Test
    void aSampleIsASample() throws Exception {
        AccessLog log = new AccessLog(new Settings(10, 0), new ByteArrayOutputStream());
        int wanted = 0;
        for (int i = 0; i < 100_000; i++) {
            wanted += log.wants(200) ? 1 : 0;
        }
        assertThat(wanted).isBetween(9_000, 11_000);
        assertThat(log.wants(500)).isFalse();
        log.close();
    }
}
