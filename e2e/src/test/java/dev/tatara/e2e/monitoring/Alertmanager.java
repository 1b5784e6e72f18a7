package dev.tatara.e2e.monitoring;

import dev.tatara.e2e.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** An Alertmanager with the receiver of the documentation, which posts what fires each second. */
public final class Alertmanager implements AutoCloseable {
    private final HostServer server;

    private Alertmanager(HostServer server) {
        this.server = server;
    }

    /** Starts one before the operator of a cluster. */
    public static Alertmanager start(Cluster cluster, Path folder) {
        try {
            var token = Files.writeString(
                    folder.resolve("token"), cluster.operator().alertToken());
            var configuration = Files.writeString(folder.resolve("alertmanager.yaml"), """
                route:
                  receiver: tatara
                  group_by: [namespace, service]
                  group_wait: 0s
                  group_interval: 1s
                  repeat_interval: 1s
                receivers:
                  - name: tatara
                    webhook_configs:
                      - url: %s
                        send_resolved: true
                        http_config:
                          authorization: {credentials_file: %s}
                """.formatted(
                            cluster.operator().alertAddress(), token));
            return new Alertmanager(HostServer.start(
                    "alertmanager",
                    folder,
                    "--config.file=" + configuration,
                    "--storage.path=" + folder.resolve("alertmanager"),
                    "--cluster.listen-address="));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI address() {
        return server.address();
    }

    @Override
    public void close() {
        server.close();
    }
}
