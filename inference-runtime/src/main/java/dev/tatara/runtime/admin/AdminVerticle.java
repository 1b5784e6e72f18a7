package dev.tatara.runtime.admin;

import dev.tatara.runtime.http.ConnectionGuard;
import dev.tatara.runtime.lifecycle.ModelControl;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.settings.RuntimeSettings;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The admin port: probes, metrics and what operators of the service may do, on an event loop that no inference runs on. */
public final class AdminVerticle extends AbstractVerticle {
    private static final int IDLE_SECONDS = 120;

    private final RuntimeSettings settings;
    private final IntConsumer listening;
    private final AdminHandler handler;

    /**
     * @param listening is told the port
     */
    public AdminVerticle(
            Serving serving,
            ModelControl control,
            RuntimeSettings settings,
            Supplier<byte[]> metrics,
            IntConsumer listening) {
        this.settings = settings;
        this.listening = listening;
        handler = new AdminHandler(
                serving, control, new AdminAccess(settings.admin().tokenFile()), metrics);
    }

    @Override
    public void start(Promise<Void> started) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.http().host())
                .setPort(settings.admin().port())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_SECONDS);
        vertx.createHttpServer(options)
                .connectionHandler(ConnectionGuard::admitted)
                .requestHandler(handler)
                .listen()
                .onSuccess(server -> {
                    listening.accept(server.actualPort());
                    started.complete();
                })
                .onFailure(started::fail);
    }
}
