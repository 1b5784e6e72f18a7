package dev.tatara.operator.alerts;

import com.fasterxml.jackson.core.JacksonException;
import dev.tatara.operator.alerts.AlertInbox.Receipt;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.vertx.http.runtime.VertxInputStream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * {@code POST /webhooks/alertmanager}. What can't be taken now is answered 503: an Alertmanager posts again upon 5xx and
 * upon nothing else. Bodies are read as they are parsed, by a few posts at a time while the others wait unread, so
 * memory doesn't grow with a storm.
 */
final class AlertServer implements AutoCloseable {
    static final String PATH = "/webhooks/alertmanager";

    private static final Logger LOG = Logger.getLogger(AlertServer.class);
    private static final int AT_ONCE = 8;
    private static final int WAITING = 1000;
    private static final int IDLE_SECONDS = 60;
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private final Vertx vertx;
    private final AlertInbox inbox;
    private final BearerToken token;
    private final AlertMeters meters;
    private final long maxBytes;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final AtomicInteger open = new AtomicInteger();
    private HttpServer server;

    AlertServer(Vertx vertx, AlertInbox inbox, BearerToken token, AlertMeters meters, long maxBytes) {
        this.vertx = vertx;
        this.inbox = inbox;
        this.token = token;
        this.meters = meters;
        this.maxBytes = maxBytes;
    }

    /**
     * Listens from now on.
     *
     * @param port 0 for one that is free
     * @return the port
     */
    int start(int port) {
        var router = Router.router(vertx);
        router.post(PATH).handler(this::receive);
        server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
                .requestHandler(router)
                .listen(port)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        return server.actualPort();
    }

    /** Posts that are under way are broken off; they will be posted again. */
    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    private void receive(RoutingContext exchange) {
        exchange.request().pause();
        var given = BearerToken.in(exchange.request().getHeader(HttpHeaders.AUTHORIZATION));
        if (given.isEmpty()) {
            exchange.response().putHeader("WWW-Authenticate", "Bearer");
            refuse(exchange, HttpURLConnection.HTTP_UNAUTHORIZED, "expected the header Authorization: Bearer …");
            return;
        }
        if (open.incrementAndGet() > WAITING) {
            open.decrementAndGet();
            refuse(exchange, HttpURLConnection.HTTP_UNAVAILABLE, "too many posts at once; post again later");
            return;
        }
        Thread.ofVirtual().name("alerts").start(() -> {
            try {
                serve(exchange, given);
            } finally {
                open.decrementAndGet();
            }
        });
    }

    private void serve(RoutingContext exchange, Optional<String> given) {
        try {
            if (!token.matches(given.orElseThrow())) {
                refuse(exchange, HttpURLConnection.HTTP_FORBIDDEN, "expected another token");
                return;
            }
            turns.acquire();
            try {
                taken(exchange, inbox.take(body(exchange)));
            } finally {
                turns.release();
            }
        } catch (RefusedPost e) {
            LOG.infof("a post of an Alertmanager is refused: %s", e.getMessage());
            refuse(exchange, e.status(), e.getMessage());
        } catch (BoundedBody.TooLongException e) {
            refuse(
                    exchange,
                    HttpURLConnection.HTTP_ENTITY_TOO_LARGE,
                    "the post is larger than " + maxBytes + " bytes: set max_alerts in the receiver's webhook_configs");
        } catch (JacksonException e) {
            refuse(exchange, HttpURLConnection.HTTP_BAD_REQUEST, "expected JSON: " + e.getOriginalMessage());
        } catch (IOException | KubernetesClientException e) {
            LOG.warnf("alerts could not be kept; the Alertmanager will post them again: %s", e.getMessage());
            refuse(exchange, HttpURLConnection.HTTP_UNAVAILABLE, "not kept, post again later");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(exchange, HttpURLConnection.HTTP_UNAVAILABLE, "ending, post again later");
        } catch (RuntimeException e) {
            LOG.error("alerts could not be kept; the Alertmanager will post them again", e);
            refuse(exchange, HttpURLConnection.HTTP_INTERNAL_ERROR, "not kept, post again later");
        }
    }

    private BoundedBody body(RoutingContext exchange) {
        return new BoundedBody(new VertxInputStream(exchange, SILENCE.toMillis()), maxBytes);
    }

    private void taken(RoutingContext exchange, Receipt receipt) {
        meters.taken(receipt);
        answer(
                exchange,
                HttpURLConnection.HTTP_OK,
                new JsonObject()
                        .put("received", receipt.firing() + receipt.resolved())
                        .put("matched", receipt.matched()));
    }

    private void refuse(RoutingContext exchange, int status, String why) {
        // What is left of the body isn't read.
        exchange.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer(exchange, status, new JsonObject().put("error", why));
    }

    private void answer(RoutingContext exchange, int status, JsonObject body) {
        meters.answered(status);
        var response = exchange.response();
        if (!response.ended() && !response.closed()) {
            response.setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(body.toBuffer());
        }
    }
}
